"""SuperSpike: the network of `gp` with an output that integrates, learned by filtered eligibility.

Rule: ΔW_ji = −η Σ_t L_j(t) α∗[σ'(u_j) z_i](t), with z_i the inputs filtered by the membrane's decay, a double
exponential α, and σ'(u) = (1 + β |u − v_th|)^−2; L_j is the output's error through the output's weights
(symmetric), or random ones. The authors' error is that of an output spike train, filtered by α; here, for
classes, ∂L/∂y(t) at the read-out.
Source: Zenke and Ganguli, Neural Comput. 30:1514 (2018).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpbench.core.settings import setting, with_default
from hpbench.learning.credit_settings import DenseOnlineSettings
from hpbench.learning.supervised import supervised
from hpbench.spiking.credit.locality import OnlineRule
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {
    "random": ("learning signals through fixed random weights", {"feedback": "random"}),
    "cross_entropy": ("cross-entropy in place of squared error", {"loss": "cross_entropy"}),
}


@dataclass
class Settings(DenseOnlineSettings):
    """Settings of the network, the read-out, its feedback and the filter."""

    surrogate: str = with_default(DenseOnlineSettings, "surrogate", "superspike")
    feedback: str = setting(
        "symmetric",
        "weights of the learning signals: those of the output, transposed (symmetric), or random",
        choices=("symmetric", "random"),
    )
    filter_rise: float = setting(5.0, "time constant of α's rise", unit="steps", low=0.1)
    filter_decay: float = setting(10.0, "time constant of α's decay", unit="steps", low=0.1)

    @property
    def rule(self) -> OnlineRule:
        """Traces, a double filter, direct feedback."""
        return OnlineRule(filter="double", feedback=self.feedback)

    @property
    def options(self) -> dict[str, Any]:
        """What the network takes beside the settings of `gp`."""
        return {**super().options, "filter_rise": self.filter_rise, "filter_decay": self.filter_decay}


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the network through the stream."""
    return supervised(settings, task, "superspike")

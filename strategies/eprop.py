"""e-prop: the network of `gp` with an output that integrates, learned by eligibility traces.

Rule: ΔW_ji = −η Σ_t L_j(t) F_κ(e_ji)(t), e_ji(t) = ψ_j(t) z_i(t), with z the inputs filtered by the
membrane's decay, F_κ the filter of the read-out, L_j(t) = Σ_k B_kj ∂L/∂y_k(t); B is W_out^T (symmetric),
fixed and random, or adaptive: random at first, it learns from the same products as W_out. Resets pass no
gradient. With several hidden layers each has a B of its own; symmetric, it is the product of the weights
above. With strategy.neuron=adaptive a synapse has a second eligibility, by which it moved the threshold.
Source: Bellec et al., Nat. Commun. 11:3625 (2020).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpbench.core.settings import setting
from hpbench.learning.credit_settings import DenseOnlineSettings
from hpbench.learning.supervised import supervised
from hpbench.spiking.credit.locality import OnlineRule
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {
    "random": ("learning signals through fixed random weights", {"feedback": "random"}),
    "adaptive": ("learning signals through weights that learn as the output's do", {"feedback": "adaptive"}),
    "recurrent": ("with recurrent connections", {"recurrent": True}),
    "lsnn": (
        "the authors' LSNN: recurrent connections and neurons with adaptive thresholds",
        {"recurrent": True, "neuron": "adaptive"},
    ),
    "cross_entropy": ("cross-entropy in place of squared error", {"loss": "cross_entropy"}),
}


@dataclass
class Settings(DenseOnlineSettings):
    """Settings of the network, the read-out and its feedback."""

    feedback: str = setting(
        "symmetric",
        "weights of the learning signals: those of the output, transposed (symmetric), random, or adaptive",
        choices=("symmetric", "random", "adaptive"),
    )
    feedback_decay: float = setting(
        0.01,
        "share of adaptive feedback weights, and of the output's weights, that is added to their gradients",
        low=0,
        acts_with={"feedback": "adaptive"},
    )

    @property
    def rule(self) -> OnlineRule:
        """Traces, the read-out's filter, direct feedback."""
        return OnlineRule(filter="read_out", feedback=self.feedback)

    @property
    def options(self) -> dict[str, Any]:
        """What the network takes beside the settings of `gp`."""
        decay = self.feedback_decay if self.feedback == "adaptive" else 0.0
        return {**super().options, "feedback_decay": decay}


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the network through the stream."""
    return supervised(settings, task, "eprop")

"""Online training through time (OTTT): the network of `gp` with an integrating output, at every step.

Rule: ΔW_l = −η Σ_t δ_l(t) z_{l−1}(t)^T, with the error δ_l(t) of the present step alone, backpropagated
through the layers and their surrogates, and the trace z of a layer's inputs, which decays as its membrane
does.
Source: Xiao, Meng, Zhang, He and Lin, NeurIPS 2022.
"""

from typing import TYPE_CHECKING

from hpbench.learning.credit_settings import OnlineSettings
from hpbench.learning.supervised import supervised
from hpbench.spiking.credit.locality import OnlineRule
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {"cross_entropy": ("cross-entropy in place of squared error", {"loss": "cross_entropy"})}


class Settings(OnlineSettings):
    """Settings of the network and its read-out."""

    @property
    def rule(self) -> OnlineRule:
        """Traces of inputs; errors through the layers."""
        return OnlineRule()


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the network through the stream."""
    return supervised(settings, task, "ottt")

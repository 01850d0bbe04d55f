"""Spatial learning through time (SLTT): `ottt` without its traces, so that no state is kept for learning.

Rule: ΔW_l = −η Σ_t δ_l(t) x_{l−1}(t)^T, error and inputs of the present step alone.
Source: Meng, Xiao, Yan, Wang, Lin and Luo, ICCV 2023.
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
        """Present inputs; errors through the layers."""
        return OnlineRule(trace=False)


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the network through the stream."""
    return supervised(settings, task, "sltt")

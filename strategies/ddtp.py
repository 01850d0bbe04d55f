"""Direct difference target propagation (DDTP): hidden layers of `gp` with targets from the output at once.

Rule: t_l = h_l + q_l(t_out) − q_l(h_out), with rates h_l, scores h_out, a target t_out against their
gradient, and linear feedback q_l that learns to give back noise at layer l from what it changes in the
scores; the output layer learns as in `gp`.
Source: Meulemans, Carzaniga, Suykens, Sacramento and Grewe, NeurIPS 2020.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.settings import with_default
from hpbench.learning.credit_settings import TargetSettings
from hpbench.learning.supervised import supervised
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {"cross_entropy": ("cross-entropy in place of squared error", {"loss": "cross_entropy"})}


@dataclass
class Settings(TargetSettings):
    """Two hidden layers."""

    hidden: list[int] = with_default(TargetSettings, "hidden", [512, 512])


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the network through the stream."""
    return supervised(settings, task, "ddtp")

"""Elastic weight consolidation (EWC): weights that mattered to earlier experiences resist change.

Rule: L' = L + λ Σ_e Σ_i F_ei (w_i − w_ei)², F_e the squared gradients of batches after experience e.
Source: Kirkpatrick et al., PNAS 114:3521 (2017), with one penalty per experience (Avalanche's plugin).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.acting import LATER_EXPERIENCES
from hpbench.core.published import split_mnist
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.reasons import needs_boundaries
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.supervised import supervised
from hpbench.networks.multitask_settings import MultitaskSettings
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {
    "class_memory": (
        "linear discriminant (LDA) on the last layer's inputs, in place of the network's scores",
        {"prototypes": True},
    ),
    "task_regime": ("λ that was best in the task regime", {"ewc_lambda": 1e6}),
    "omniglot": ("λ that was best on split_omniglot", {"ewc_lambda": 1e9}),
}
PUBLISHED = split_mnist("EWC", task=0.991, domain=0.630, **{"class": 0.206})


@dataclass
class Settings(MultitaskSettings, ContinualSettings):
    """Training, network and penalty."""

    ewc_lambda: float = setting(
        1e7, "weight λ of the penalty; 1e6 was best in the task regime", low=0, acts_with=LATER_EXPERIENCES
    )


def skip(settings: Settings, stream: Stream) -> str:
    """Why the strategy cannot be run on a stream; empty if it can."""
    return needs_boundaries(stream, "EWC")


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Adds the penalty to the loss."""
    from avalanche.training.plugins import EWCPlugin

    return supervised(settings, task, plugins=[EWCPlugin(ewc_lambda=settings.ewc_lambda)])

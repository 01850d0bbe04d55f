"""Synaptic intelligence (SI): weights that lowered the loss of earlier experiences resist change.

Rule: L' = L + c Σ_i Ω_i (w_i − w*_i)², Ω_i the decrease of the loss due to weight i, divided by its squared
change plus ξ. Source: Zenke, Poole and Ganguli, ICML 2017. Not Avalanche's plugin, whose importances are all
0 on a CPU.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.acting import LATER_EXPERIENCES, SET
from hpbench.core.published import split_mnist
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.reasons import needs_boundaries
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.supervised import supervised
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {
    "class_memory": (
        "linear discriminant (LDA) on the last layer's inputs, in place of the network's scores",
        {"prototypes": True},
    ),
    "task_regime": ("strength that was best in the task regime", {"c": 100.0}),
    "omniglot": ("strength that was best on split_omniglot", {"c": 1000.0}),
}
PUBLISHED = split_mnist("SI", task=0.992, domain=0.669, **{"class": 0.212})


@dataclass
class Settings(ContinualSettings):
    """Training, network and penalty."""

    c: float = setting(
        1e4, "strength of the penalty; tuned in the class regime only", low=0, acts_with=LATER_EXPERIENCES
    )
    damping: float = setting(
        0.1,
        "ξ, bounds the importance of weights that hardly changed",
        low=1e-12,
        acts_with={"c": SET} | LATER_EXPERIENCES,
    )


def skip(settings: Settings, stream: Stream) -> str:
    """Why the strategy cannot be run on a stream; empty if it can."""
    return needs_boundaries(stream, "SI")


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Adds the penalty's gradient to that of the loss."""
    from hpbench.learning.rules.synaptic_intelligence import SynapticIntelligence

    return supervised(settings, task, plugins=[SynapticIntelligence(settings.c, settings.damping)])

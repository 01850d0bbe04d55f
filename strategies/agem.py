"""Averaged GEM (A-GEM): no step may raise the mean loss on a random subset of the stored samples.

Rule: g' = g − ⟨g, r⟩/⟨r, r⟩ r if ⟨g, r⟩ < 0, r the gradient on samples drawn from the memory.
Source: Chaudhry et al., ICLR 2019; Avalanche's plugin, whose loader takes the drawn samples one by one.
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
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {
    "class_memory": (
        "linear discriminant (LDA) on the last layer's inputs, in place of the network's scores",
        {"prototypes": True},
    ),
}
PUBLISHED = split_mnist("A-GEM, 100 samples per class", task=0.986, domain=0.805, **{"class": 0.651})


@dataclass
class Settings(ContinualSettings):
    """Training, network and memory."""

    memory: int = setting(
        1000,
        "samples stored in total, equally many of each experience",
        unit="samples",
        low=1,
        acts_with=LATER_EXPERIENCES,
    )
    drawn: int = setting(
        1000,
        "samples drawn for a reference gradient, at least one of each experience; tuned in the class regime",
        unit="samples",
        low=1,
        acts_with=LATER_EXPERIENCES,
    )


def skip(settings: Settings, stream: Stream) -> str:
    """Why the strategy cannot be run on a stream; empty if it can."""
    return needs_boundaries(stream, "A-GEM")


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Projects gradients that would raise the loss on the memory."""
    from hpbench.learning.rules.gradient_memory import AveragedGradientMemory

    share = max(1, settings.memory // len(task.train))
    drawn = max(settings.drawn, len(task.train))
    return supervised(settings, task, plugins=[AveragedGradientMemory(share, drawn)])

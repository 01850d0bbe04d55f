"""GDumb: a balanced memory is filled along the stream, and a new network is trained on it alone.

Rule: equally many samples of each class seen, drawn at random; after an experience, a network
with the initial weights learns the memory for `memory_passes` passes; `scenario.passes` has no effect.
Source: Prabhu, Torr and Dokania, ECCV 2020; Avalanche's plugin. It balances targets: samples of all
tasks or domains share the memory of a target. The row's `epochs` are passes over the memory.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hpbench.core.published import AVALANCHE_SPLIT_MNIST, Published
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
PUBLISHED = (
    Published(
        "split_mnist", (("regime", "class"),), 0.97, "GDumb, 4,400 samples stored", AVALANCHE_SPLIT_MNIST
    ),
)


@dataclass
class Settings(ContinualSettings):
    """Training, network and memory."""

    memory: int = setting(1000, "samples stored in total", unit="samples", low=1)
    memory_passes: int = setting(30, "passes over the memory after each experience", unit="passes", low=1)

    repeats: ClassVar[bool] = False
    """`scenario.passes` has no effect."""


def skip(settings: Settings, stream: Stream) -> str:
    """Why the strategy cannot be run on a stream; empty if it can."""
    return needs_boundaries(stream, "GDumb")


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Trains on the memory alone, from the initial weights at each experience."""
    from avalanche.training.plugins import GDumbPlugin

    strategy = supervised(settings, task, plugins=[GDumbPlugin(mem_size=settings.memory)])
    strategy.train_epochs = settings.memory_passes
    return strategy

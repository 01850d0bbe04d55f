"""GDumb: a balanced memory is filled along the stream, and a new network is trained on it alone.

Rule: equally many samples of each class seen, drawn at random; after an experience, the network as it was
first drawn learns the memory for `memory_passes` passes, whatever `scenario.passes` says.
Source: Prabhu, Torr and Dokania, ECCV 2020; Avalanche's plugin. It balances targets, so that tasks and
domains share the memory of a target. The row's `epochs` are passes over the memory.
"""

from dataclasses import dataclass
from typing import ClassVar

from avalanche.training.plugins import GDumbPlugin
from avalanche.training.templates import SupervisedTemplate

from hpbench.core.published import AVALANCHE_SPLIT_MNIST, Published
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.reasons import needs_boundaries
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.supervised import supervised
from hpbench.tasks.continual import ContinualTask

VERSION = "1"
PRESETS = {
    "class_memory": (
        "class means of what its last layer reads, whitened, stand in for its own scores",
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

    memory: int = setting(1000, "samples stored in all", unit="samples", low=1)
    memory_passes: int = setting(30, "passes over the memory after each experience", unit="passes", low=1)

    repeats: ClassVar[bool] = False
    """The passes of the scenario do not count."""


def skip(settings: Settings, stream: Stream) -> str:
    """Why the rule cannot be run on a stream; empty if it can."""
    return needs_boundaries(stream, "GDumb")


def continual(settings: Settings, task: ContinualTask) -> SupervisedTemplate:
    """Trains on the memory alone, from the start at each experience."""
    strategy = supervised(settings, task, plugins=[GDumbPlugin(mem_size=settings.memory)])
    strategy.train_epochs = settings.memory_passes
    return strategy

"""Experience replay (ER): trains on stored samples of earlier experiences together with new ones.

Rule: every batch of new samples is joined by as many from a memory that holds equally many of each
experience, drawn at random; a stream without boundaries is sampled by a reservoir.
Source: Chaudhry et al., arXiv:1902.10486 (2019); Avalanche's plugin.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.acting import LATER_EXPERIENCES
from hpbench.core.published import split_mnist
from hpbench.core.settings import setting
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
PUBLISHED = split_mnist("ER, 100 samples per class", task=0.990, domain=0.938, **{"class": 0.888})


@dataclass
class Settings(ContinualSettings):
    """Training, network and memory."""

    memory: int = setting(1000, "samples stored in total", unit="samples", low=1, acts_with=LATER_EXPERIENCES)


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Mixes the memory into every batch."""
    from avalanche.training.plugins import ReplayPlugin
    from avalanche.training.storage_policy import ReservoirSamplingBuffer

    reservoir = None if task.boundaries else ReservoirSamplingBuffer(settings.memory)
    plugin = ReplayPlugin(mem_size=settings.memory, storage_policy=reservoir)
    return supervised(settings, task, plugins=[plugin])

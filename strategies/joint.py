"""Joint training: all experiences at once, the upper bound of continual learning.

Rule: the loss of the union of the experiences, shuffled. Nothing can be forgotten, so forgetting and
transfer are not defined.
Source: the "joint" rows of van de Ven, Tuytelaars and Tolias, Nat. Mach. Intell. 4:1185 (2022).
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hpbench.core.published import split_mnist
from hpbench.core.stream import Stream
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
PUBLISHED = split_mnist("joint", task=0.997, domain=0.986, **{"class": 0.982})


@dataclass
class Settings(ContinualSettings):
    """Training and network."""


def skip(settings: Settings, stream: Stream) -> str:
    """Why the strategy cannot be run on a stream; empty if it can."""
    return settings.skip(replace(stream, experiences=1 if stream.boundaries else None))


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Trains on the whole stream at once."""
    return supervised(settings, task, joint=True)

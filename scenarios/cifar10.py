"""CIFAR-10: ten kinds of object in colour images of 32x32 pixels, all at once.

The pass that is best on the validation part is selected. Without CIFAR-10 and network, generated colour
pictures are used instead, and the row says `tiles`.
Source: Krizhevsky, Learning multiple layers of features from tiny images, 2009.
"""

from dataclasses import dataclass

from hpbench.data.images.cifar10 import Cifar10Settings, load_cifar10
from hpbench.streams.whole import WholeSettings, whole
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"


@dataclass
class Settings(WholeSettings, Cifar10Settings):
    """Training and data."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the data."""
    return whole(load_cifar10(settings.dataset, resources.data_root, resources.say), settings, resources)

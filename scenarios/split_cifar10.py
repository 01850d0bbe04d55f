"""Split CIFAR-10: five experiences of two kinds of object each, in colour images of 32x32 pixels.

In the order of the labels (aeroplane and car, bird and cat, deer and dog, frog and horse, ship and lorry)
unless `order_seed` shuffles them. Without CIFAR-10 and network, generated colour pictures are used instead,
and the row says `tiles`. Figures of different regimes, data sets or scenario versions are not comparable.
Source: Krizhevsky, Learning multiple layers of features from tiny images, 2009; regimes after van de Ven,
Tuytelaars and Tolias, 2022.
"""

from dataclasses import dataclass

from hpbench.data.images.cifar10 import Cifar10Settings, load_cifar10
from hpbench.learning.settings import StreamSettings
from hpbench.streams.split import split_by_class
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"


@dataclass
class Settings(StreamSettings, Cifar10Settings):
    """The stream and its data."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the data and divide them into five experiences."""
    data = load_cifar10(settings.dataset, resources.data_root, resources.say)
    return split_by_class(data, 5, settings, resources)

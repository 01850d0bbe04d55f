"""Split MNIST: five experiences of two digits each.

In the order 01 23 45 67 89 unless `order_seed` shuffles the digits. Figures of different regimes, data sets
or scenario versions are not comparable.
Source: Zenke, Poole and Ganguli, ICML 2017; regimes after van de Ven, Tuytelaars and Tolias, 2022.
"""

from dataclasses import dataclass

from hpbench.data.images.mnist import MnistSettings, load_mnist
from hpbench.learning.settings import StreamSettings
from hpbench.streams.split import split_by_class
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"


@dataclass
class Settings(StreamSettings, MnistSettings):
    """The stream and its data."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the data and divide them into five experiences."""
    data = load_mnist(settings.dataset, resources.data_root, resources.say)
    return split_by_class(data, 5, settings, resources)

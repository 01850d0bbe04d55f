"""Online split MNIST: two digits per task, each sample once, in batches of 10.

The stream of `split_mnist`, task-free by default: every batch is presented as an experience of its own, and
strategies do not know where one task ends and the next begins (with `scenario.boundaries=told` they do).
Source: Zenke, Poole and Ganguli, ICML 2017; regimes after van de Ven, Tuytelaars and Tolias, 2022.
"""

from dataclasses import dataclass

from hpbench.data.images.mnist import MnistSettings, load_mnist
from hpbench.learning.settings import StreamSettings
from hpbench.streams.online import ARRIVAL, OnlineSettings, online
from hpbench.streams.split import split_by_class
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"

STRATEGY_PRESET = {"batch": ARRIVAL}
"""The batch size in which samples arrive."""


@dataclass
class Settings(OnlineSettings, StreamSettings, MnistSettings):
    """The stream and its data."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the data and divide them into five experiences."""
    data = load_mnist(settings.dataset, resources.data_root, resources.say)
    return online(split_by_class(data, 5, settings, resources), settings)

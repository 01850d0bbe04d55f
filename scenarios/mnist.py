"""MNIST: the ten digits at once, the classification task of Wu et al.

The pass that is best on the validation part is selected. The published figure is the best of 100 passes on
the test part, which is not comparable with a selection that has not seen it.
Source: Wu et al., Nat. Commun. 13:65 (2022); LeCun, Bottou, Bengio and Haffner, Proc. IEEE 86:2278 (1998).
"""

from dataclasses import dataclass

from hpbench.core.published import classification
from hpbench.data.images.mnist import MnistSettings, load_mnist
from hpbench.streams.whole import WholeSettings, whole
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"
PUBLISHED = {"hp": classification("mnist", 0.995)}
"""Published figures by strategy."""


@dataclass
class Settings(WholeSettings, MnistSettings):
    """Training and data."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the data."""
    return whole(load_mnist(settings.dataset, resources.data_root, resources.say), settings, resources)

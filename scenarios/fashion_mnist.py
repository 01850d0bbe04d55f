"""Fashion-MNIST: the ten kinds of garment at once, the classification task of Wu et al.

The pass that is best on the validation part is selected. The published figure is the best of 100 passes on
the test part, which is not comparable with a selection that has not seen it. Without Fashion-MNIST and
network, generated drawings are used instead, and the row says `garments`.
Source: Wu et al., Nat. Commun. 13:65 (2022); the images of Xiao, Rasul and Vollgraf, arXiv:1708.07747 (2017).
"""

from dataclasses import dataclass

from hpbench.core.published import classification
from hpbench.data.images.fashion import FashionSettings, load_fashion
from hpbench.streams.whole import WholeSettings, whole
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"
PUBLISHED = {"hp": classification("fashion_mnist", 0.933)}
"""Published figures by strategy."""


@dataclass
class Settings(WholeSettings, FashionSettings):
    """Training and data."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the data."""
    return whole(load_fashion(settings.dataset, resources.data_root, resources.say), settings, resources)

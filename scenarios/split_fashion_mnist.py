"""Split Fashion-MNIST: five experiences of two kinds of garment each.

In the order of the labels (T-shirt and trousers, pullover and dress, coat and sandal, shirt and sneaker, bag
and boot) unless `order_seed` shuffles them. Without Fashion-MNIST and network, generated drawings are used
instead, and the row says `garments`. Figures of different regimes, data sets or scenario versions are not
comparable.
Source: Xiao, Rasul and Vollgraf, arXiv:1708.07747 (2017); regimes after van de Ven, Tuytelaars and Tolias,
2022.
"""

from dataclasses import dataclass

from hpbench.data.images.fashion import FashionSettings, load_fashion
from hpbench.learning.settings import StreamSettings
from hpbench.streams.split import split_by_class
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"


@dataclass
class Settings(StreamSettings, FashionSettings):
    """The stream and its data."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the data and divide them into five experiences."""
    data = load_fashion(settings.dataset, resources.data_root, resources.say)
    return split_by_class(data, 5, settings, resources)

"""Noisy Fashion-MNIST: trained clean, tested under noise, loss of pixels, and attacks.

The board's accuracy is the mean over seven variances of Gaussian noise, 0 to 0.06, those of the published
table. Without Fashion-MNIST and network, generated drawings are learned instead, and the row says `garments`.
Under trace_at_test=batch a row's trace adapts to each tested batch, as the authors' does: such rows are no
rows of single samples.
Source: Wu et al., Nat. Commun. 13:65 (2022), and its reproduction with FGSM; the images of Xiao, Rasul and
Vollgraf, arXiv:1708.07747 (2017).
"""

from dataclasses import dataclass

from hpbench.core.task import Resources
from hpbench.data.fashion import FashionSettings, load_fashion
from hpbench.robustness.images import ImageRobustnessSettings, image_task
from hpbench.robustness.task import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"


@dataclass
class Settings(ImageRobustnessSettings, FashionSettings):
    """Training, disturbances and data."""


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Find the data and prepare what they are put through."""
    return image_task(load_fashion(settings.dataset, resources.data_root, resources.say), settings, resources)

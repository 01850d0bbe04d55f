"""Noisy MNIST: trained on clean images, tested under noise, loss of pixels, and attacks.

The board's accuracy is the mean over seven variances of Gaussian noise, 0 to 0.06. Without MNIST and network,
5,000 digits that ship with hpbench are used instead, and the row says `mnist5k`.
Source: the noise of Wu et al., Nat. Commun. 13:65 (2022); the images of LeCun, Cortes and Burges, 1998.
"""

from dataclasses import dataclass

from hpbench.data.images.mnist import MnistSettings, load_mnist
from hpbench.streams.disturbed_images import ImageRobustnessSettings, image_task
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"


@dataclass
class Settings(ImageRobustnessSettings, MnistSettings):
    """Training, disturbances and data."""


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the data and prepare their disturbances."""
    return image_task(load_mnist(settings.dataset, resources.data_root, resources.say), settings, resources)

"""Noisy CIFAR-10: trained on clean colour images, tested under noise, loss of pixels, and attacks.

The board's accuracy is the mean over seven variances of Gaussian noise, 0 to 0.06. Without CIFAR-10 and
network, generated colour pictures are used instead, and the row says `tiles`.
Source: the noise of Wu et al., Nat. Commun. 13:65 (2022); the images of Krizhevsky, Learning multiple layers
of features from tiny images, 2009.
"""

from dataclasses import dataclass

from hpbench.data.images.cifar10 import Cifar10Settings, load_cifar10
from hpbench.streams.disturbed_images import ImageRobustnessSettings, image_task
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"


@dataclass
class Settings(ImageRobustnessSettings, Cifar10Settings):
    """Training, disturbances and data."""


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the data and prepare their disturbances."""
    return image_task(load_cifar10(settings.dataset, resources.data_root, resources.say), settings, resources)

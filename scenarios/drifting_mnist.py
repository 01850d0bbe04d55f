"""Drifting MNIST: trained on clean images, tested in streams whose disturbance changes as they go.

What adapts at test goes on through a whole stream, as in continual test-time adaptation. A stream's segments
show every tested image once: under one disturbance after another and at last none (the board's accuracy is
the mean over these), under noise that rises in steps, or under noise that rises and falls slowly.
Without MNIST and network, 5,000 digits that ship with hpbench are used instead,
and the row says `mnist5k`.
Source: Wang et al., CVPR 2022 (CoTTA); the images of LeCun, Cortes and Burges, 1998.
"""

from dataclasses import dataclass

from hpbench.data.images.mnist import MnistSettings, load_mnist
from hpbench.streams.drifting_images import DriftSettings, drifting_task
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"


@dataclass
class Settings(DriftSettings, MnistSettings):
    """Training, streams and data."""


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the data and prepare their streams."""
    return drifting_task(
        load_mnist(settings.dataset, resources.data_root, resources.say), settings, resources
    )

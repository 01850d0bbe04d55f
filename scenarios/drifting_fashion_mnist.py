"""Drifting Fashion-MNIST: trained on clean images, tested in streams whose disturbance changes as they go.

What adapts at test goes on through a whole stream, as in continual test-time adaptation. A stream's segments
show every tested image once: under one disturbance after another and at last none (the board's accuracy is
the mean over these), under noise that rises in steps, or under noise that rises and falls slowly.
Without Fashion-MNIST and network, generated drawings are used instead, and the row
says `garments`.
Source: Wang et al., CVPR 2022 (CoTTA); the images of Xiao, Rasul and Vollgraf, arXiv:1708.07747 (2017).
"""

from dataclasses import dataclass

from hpbench.data.images.fashion import FashionSettings, load_fashion
from hpbench.streams.drifting_images import DriftSettings, drifting_task
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"


@dataclass
class Settings(DriftSettings, FashionSettings):
    """Training, streams and data."""


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the data and prepare their streams."""
    return drifting_task(
        load_fashion(settings.dataset, resources.data_root, resources.say), settings, resources
    )

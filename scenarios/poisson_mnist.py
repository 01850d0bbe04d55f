"""Poisson MNIST: digits as half a second of Poisson spikes, the published scenario of DECOLLE.

Pixels fire at rates up to `max_rate` Hz, in steps of 1 ms; 1,024 digits are tested, without noise unless
`scenario.levels` has levels of Gaussian noise. The published error of DECOLLE is 1.23 %, that of the same
network with backpropagation 2.0 %. Without MNIST and network, 5,000 digits that ship with hpbench are used
instead, and the row says `mnist5k`.
Source: Kaiser, Mostafa and Neftci, Front. Neurosci. 14:424 (2020).
"""

from dataclasses import dataclass

from hpbench.core.settings import setting, with_default
from hpbench.data.images.mnist import MnistSettings, load_mnist
from hpbench.streams.disturbed_images import ImageRobustnessSettings, image_task
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"
STRATEGY_PRESET = {"preset": "published", "test_steps": 1000}


@dataclass
class Settings(ImageRobustnessSettings, MnistSettings):
    """Training, spikes and data."""

    encoding: str = with_default(ImageRobustnessSettings, "encoding", "poisson")
    time_steps: int = with_default(ImageRobustnessSettings, "time_steps", 500)
    max_rate: float = with_default(ImageRobustnessSettings, "max_rate", 100.0)
    passes: int = with_default(ImageRobustnessSettings, "passes", 1)
    tested_samples: int = with_default(ImageRobustnessSettings, "tested_samples", 1024)
    levels: list[float] = setting([0.0], "levels of the disturbance; 0 is none", low=0, at_test_only=True)


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the data; spikes are drawn batch by batch."""
    return image_task(load_mnist(settings.dataset, resources.data_root, resources.say), settings, resources)

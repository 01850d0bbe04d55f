"""The real-valued twin of `gp` (ANN): a ReLU network of the same widths, fine-tuned.

Rule: backpropagation, Adam. No measure against forgetting.
Source: the "none" rows of van de Ven, Tuytelaars and Tolias, Nat. Mach. Intell. 4:1185 (2022).
"""

from dataclasses import dataclass
from typing import ClassVar

from avalanche.training.templates import SupervisedTemplate

from hpbench.continual.settings import TrainingSettings
from hpbench.continual.supervised import supervised
from hpbench.core.published import SPLIT_MNIST_NONE
from hpbench.core.task import ContinualTask
from hpbench.networks.settings import DenseSettings

VERSION = "1"
PUBLISHED = SPLIT_MNIST_NONE


@dataclass
class Settings(TrainingSettings, DenseSettings):
    """Widths, rate, batch and loss of the spiking twin."""

    spiking: ClassVar[bool] = False

    @property
    def steps(self) -> bool:
        """Whether anything in it spikes over time."""
        return self.expands


def continual(settings: Settings, task: ContinualTask) -> SupervisedTemplate:
    """Fine-tunes a real-valued network through the stream."""
    return supervised(settings, task, "ann")

"""The real-valued counterpart of `gp` (ANN): a ReLU network of the same widths, fine-tuned.

Rule: backpropagation, Adam. No measure against forgetting.
Source: the "none" rows of van de Ven, Tuytelaars and Tolias, Nat. Mach. Intell. 4:1185 (2022).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hpbench.core.published import PROTOTYPES_NEXT, SPLIT_MNIST_NONE
from hpbench.learning.settings import TrainingSettings
from hpbench.learning.supervised import supervised
from hpbench.networks.norm_settings import NormSettings
from hpbench.networks.settings import DenseSettings
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {
    "class_memory": (
        "linear discriminant (LDA) on the last layer's inputs, in place of the network's scores",
        {"prototypes": True},
    ),
    "van_de_ven": (
        "network, batch and loss of van de Ven et al.; use scenario.passes=21 for as many steps as theirs",
        {"hidden": [400, 400], "batch": 128, "loss": "cross_entropy"},
    ),
    "cross_entropy": ("cross-entropy in place of squared error", {"loss": "cross_entropy"}),
    "norm": (
        "cross-entropy, and a batch norm before hidden neurons",
        {"loss": "cross_entropy", "norm": "batch"},
    ),
    "statistics": (
        "norm",
        "the same, whose means and variances at test are those of the test batch",
        {"adapt_at_test": "statistics"},
    ),
    "tent": (
        "norm",
        "the same, whose gains and offsets also learn at test, by entropy minimisation (TENT)",
        {"adapt_at_test": "tent", "tent_lr": 1e-4},
    ),
}
PUBLISHED = SPLIT_MNIST_NONE
NEXT = (PROTOTYPES_NEXT,)


@dataclass
class Settings(TrainingSettings, DenseSettings, NormSettings):
    """Settings of `gp` without those of spiking neurons."""

    spiking: ClassVar[bool] = False

    @property
    def steps(self) -> bool:
        """Whether it has spiking neurons (random ones of an expansion)."""
        return self.expands


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes a real-valued network through the stream."""
    return supervised(settings, task, "ann")

"""Difference target propagation (DTP): each hidden layer of `gp` learns a target of its own.

Rule: t_{l−1} = h_{l−1} + g_l(t_l) − g_l(h_l), with rates h and learned inverses g_l; the last hidden layer's
target is a step against the gradient, and the output layer learns as in `gp`. A layer's loss ½ ‖h_l − t_l‖²
stays in the layer. Source: Lee, Zhang, Fischer and Bengio, ECML PKDD 2015 (98.1 % MNIST, seven real-valued
layers of 240).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.published import classification
from hpbench.core.settings import with_default
from hpbench.learning.credit_settings import TargetSettings
from hpbench.learning.supervised import supervised
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {"cross_entropy": ("cross-entropy in place of squared error", {"loss": "cross_entropy"})}
PUBLISHED = classification(
    "mnist",
    0.9806,
    "DTP, seven real-valued layers of 240",
    "Lee, Zhang, Fischer and Bengio, ECML PKDD 2015",
    band=0.01,
)


@dataclass
class Settings(TargetSettings):
    """Two hidden layers, so that there is an inverse to learn."""

    hidden: list[int] = with_default(TargetSettings, "hidden", [512, 512])


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the network through the stream."""
    return supervised(settings, task, "dtp")

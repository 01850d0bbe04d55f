"""Nearest class mean (NCM): a sample belongs to the class whose mean it is nearest to.

Rule: argmin_k ‖x − μ_k‖, μ_k the mean of all samples of class k so far. Nothing is forgotten, and only
the means are stored. On pixels, or on the input of a network's last layer (spikes: firing rates).
Source: Mensink et al., TPAMI 35:2624 (2013). Avalanche's classifier is not used: it gives classes
without samples the mean 0, and halves the old mean of a class that occurs again.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hpbench.core.published import Published
from hpbench.learning.by_statistics import FeatureSettings, by_statistics
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.few_shot import FewShotTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

    from hpbench.few_shot.learner import Learner

VERSION = "1"
PUBLISHED = (
    Published(
        "split_mnist",
        (("regime", "class"),),
        0.820,
        "nearest class mean on pixels",
        "no paper: follows from the pixels of all 60,000 training images alone",
    ),
)


@dataclass
class Settings(FeatureSettings):
    """Features, and the network that makes them."""


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Classifies by the class means."""
    return by_statistics(settings, task)


@dataclass
class FewShotSettings:
    """No settings: means of pixels need no training."""

    meta_steps: ClassVar[int] = 0


def few_shot(settings: FewShotSettings, task: FewShotTask) -> "Learner":
    """Means of the support's pixels."""
    from torch.nn import Flatten

    from hpbench.few_shot.learner import FeatureLearner
    from hpbench.few_shot.read_outs import Prototypes

    return FeatureLearner(Flatten(), Prototypes(), {"network": "pixels"})

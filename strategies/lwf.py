"""Learning without forgetting (LwF): distillation from the network as it was before the experience.

Rule: L' = L + α KL(softmax(s_old/T) ‖ softmax(s/T)) over the classes, or heads, of earlier experiences, on
the new samples. Only one earlier copy of the network is stored.
Source: Li and Hoiem, ECCV 2016; Avalanche's plugin, which runs the network twice a batch with task heads.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.acting import LATER_EXPERIENCES, SET
from hpbench.core.published import split_mnist
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.reasons import needs_boundaries
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.supervised import supervised
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {
    "class_memory": (
        "linear discriminant (LDA) on the last layer's inputs, in place of the network's scores",
        {"prototypes": True},
    ),
    "omniglot": ("weight that was best on split_omniglot and in the domain regime", {"alpha": 10.0}),
}
PUBLISHED = split_mnist("LwF", task=0.996, domain=0.712, **{"class": 0.219})


@dataclass
class Settings(ContinualSettings):
    """Training, network and distillation."""

    alpha: float = setting(
        100.0,
        "weight α of the distillation; tuned in class and task regime",
        low=0,
        acts_with=LATER_EXPERIENCES,
    )
    temperature: float = setting(
        2.0,
        "temperature T, by which scores are divided",
        low=1e-6,
        acts_with={"alpha": SET} | LATER_EXPERIENCES,
    )


def skip(settings: Settings, stream: Stream) -> str:
    """Why the strategy cannot be run on a stream; empty if it can."""
    return needs_boundaries(stream, "LwF")


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Adds the distillation to the loss."""
    from hpbench.learning.rules.distillation import Distillation

    return supervised(settings, task, plugins=[Distillation(settings.alpha, settings.temperature)])

"""Dark experience replay (DER++): stored samples are replayed with their targets and stored scores.

Rule: L' = L(new) + α mean (s − s_stored)² + β L(stored), on as many stored samples as new ones per batch;
β = 0 is DER. Scores are stored at the end of the experience, not online.
Source: Buzzega et al., NeurIPS 2020; Avalanche's template (cross-entropy only), corrected in two points:
a sample's stored scores are those of its task's head, and of the best pass with `selection=validation`.
"""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hpbench.core.acting import LATER_EXPERIENCES
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.reasons import needs_boundaries
from hpbench.learning.settings import NetworkTrainingSettings
from hpbench.learning.supervised import supervised
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"


@dataclass
class Settings(NetworkTrainingSettings):
    """Training, network and memory. No prototypes, since the template has a training loop of its own."""

    loss: str = setting(
        "cross_entropy", "cross-entropy, the only loss of the rule", choices=("cross_entropy",)
    )
    memory: int = setting(
        1000,
        "samples stored in total, equally many of each target",
        unit="samples",
        low=1,
        acts_with=LATER_EXPERIENCES,
    )
    alpha: float = setting(
        0.5,
        "weight α of the distance to stored scores; tuned in the class regime",
        low=0,
        acts_with=LATER_EXPERIENCES,
    )
    beta: float = setting(
        1.0, "weight β of the stored samples' own loss; tuned with α", low=0, acts_with=LATER_EXPERIENCES
    )


def skip(settings: Settings, stream: Stream) -> str:
    """Why the strategy cannot be run on a stream; empty if it can."""
    return needs_boundaries(stream, "DER++")


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Replays stored samples with their scores."""
    from hpbench.learning.rules.dark_replay import DarkReplay

    template = partial(
        DarkReplay,
        mem_size=settings.memory,
        batch_size_mem=min(settings.batch, settings.memory),
        alpha=settings.alpha,
        beta=settings.beta,
    )
    return supervised(settings, task, template=template)

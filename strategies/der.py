"""Dark experience replay (DER++): stored samples are replayed with their targets and stored scores.

Rule: L' = L(new) + α mean (s − s_stored)² + β L(stored), on as many stored samples as new ones per batch;
β = 0 is DER. Scores are stored at the end of the experience, not online.
Source: Buzzega et al., NeurIPS 2020; Avalanche's template (cross-entropy only), corrected in two points:
a sample's stored scores are those of its task's head, and of the best pass with `selection=validation`.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from avalanche.training import DER
from avalanche.training.templates import SupervisedTemplate
from torch import Tensor

from hpbench.core.acting import LATER_EXPERIENCES
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.heads import TaskHeads
from hpbench.learning.reasons import needs_boundaries
from hpbench.learning.settings import NetworkTrainingSettings
from hpbench.learning.supervised import InMemory, supervised
from hpbench.tasks.continual import ContinualTask

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


class _OneHead(torch.nn.Module):
    def __init__(self, heads: TaskHeads, label: int) -> None:
        super().__init__()
        self.heads = heads
        self.label = label

    def forward(self, x: Tensor) -> Tensor:
        return self.heads.forward_single_task(x, self.label)


class _InMemoryDER(InMemory, DER):
    model: Any

    def _after_training_exp(self, **kwargs: Any) -> None:
        """Run other plugins (best pass) first; then store scores of the task's head."""
        SupervisedTemplate._after_training_exp(self, **kwargs)
        self.replay_loader = None
        model = self.model
        if isinstance(model, TaskHeads):
            [label] = self.experience.task_labels
            self.model = _OneHead(model, label)
        self.storage_policy.update(self, **kwargs)
        self.model = model


def skip(settings: Settings, stream: Stream) -> str:
    """Why the strategy cannot be run on a stream; empty if it can."""
    return needs_boundaries(stream, "DER++")


def continual(settings: Settings, task: ContinualTask) -> SupervisedTemplate:
    """Replays stored samples with their scores."""
    template = partial(
        _InMemoryDER,
        mem_size=settings.memory,
        batch_size_mem=min(settings.batch, settings.memory),
        alpha=settings.alpha,
        beta=settings.beta,
    )
    return supervised(settings, task, template=template)

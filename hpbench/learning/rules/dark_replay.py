"""Avalanche's DER on data in memory, with the scores of each sample's own head.

Buzzega et al., NeurIPS 2020. Stored scores are those of the network that an experience ends with: of its
best pass, where that is selected.
"""

from typing import Any

import torch
from avalanche.training import DER
from avalanche.training.templates import SupervisedTemplate
from torch import Tensor

from hpbench.learning.heads import TaskHeads
from hpbench.learning.templates import InMemory


class DarkReplay(InMemory, DER):
    """Replays stored samples with their targets and stored scores."""

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


class _OneHead(torch.nn.Module):
    def __init__(self, heads: TaskHeads, label: int) -> None:
        super().__init__()
        self.heads = heads
        self.label = label

    def forward(self, x: Tensor) -> Tensor:
        return self.heads.forward_single_task(x, self.label)

"""A trained strategy as one module, from a tensor of inputs to scores."""

import torch
from avalanche.models import MultiTaskModule, avalanche_forward
from avalanche.training.templates import SupervisedTemplate
from torch import Tensor

from hpbench.learning.strategy import prototypes_of


class TrainedModel(torch.nn.Module):
    """Inputs (B, …) to scores (B, K), as the strategy computes them in evaluation, prototypes included.

    With one head or mask per task, `task_labels` (B,) select that of each sample, (B, K / tasks); without
    them the scores are those of all tasks, side by side. The module shares the strategy's tensors, and its
    `state_dict` has everything that predictions need.
    """

    def __init__(self, strategy: SupervisedTemplate, tasks: int = 1) -> None:
        super().__init__()
        self.tasks = tasks
        self.model = strategy.model
        prototypes = prototypes_of(strategy)
        self._reader = None if prototypes is None else prototypes.reader
        self.prototypes = torch.nn.ModuleDict() if prototypes is None else prototypes.reader.parts
        self.eval()

    def forward(self, inputs: Tensor, task_labels: Tensor | None = None) -> Tensor:
        """The scores."""
        if self._reader is None:
            return self._scores(inputs, task_labels)
        with self._reader.attached(self.model):
            return self._scores(inputs, task_labels)

    def _scores(self, inputs: Tensor, task_labels: Tensor | None) -> Tensor:
        if isinstance(self.model, MultiTaskModule) and task_labels is None:
            return torch.cat([self._of_task(inputs, task) for task in range(self.tasks)], 1)
        scores: Tensor = avalanche_forward(self.model, inputs, task_labels)
        return scores

    def _of_task(self, inputs: Tensor, task: int) -> Tensor:
        labels = torch.full((len(inputs),), task, dtype=torch.long, device=inputs.device)
        scores: Tensor = avalanche_forward(self.model, inputs, labels)
        return scores

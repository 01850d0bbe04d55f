"""Models that know the task of a sample: with one head per task, or with one mask per task."""

from typing import Any

import torch
from avalanche.models import MultiTaskModule
from torch import Tensor

from hpbench.spiking.multitask.network import MultitaskNetwork


class TaskHeads(MultiTaskModule):
    """Selects, for each sample, the `width` outputs that belong to its task label.

    The network has tasks · width outputs; the others get no gradient from the sample's loss.
    """

    def __init__(self, network: torch.nn.Module, width: int) -> None:
        super().__init__()
        self.network = network
        self.width = width

    def forward(self, x: Tensor, task_labels: Tensor | None) -> Any:
        """Scores (B, width) of inputs (B, …) with task labels (B,); for None those of every task."""
        if task_labels is None:
            return self.forward_all_tasks(x)
        return self.pick(self.network(x), task_labels)

    def pick(self, outputs: Tensor, task_labels: Tensor) -> Tensor:
        """Scores (B, width) of each sample's own head, from the outputs of all heads, (B, tasks · width)."""
        heads = outputs.unflatten(1, (-1, self.width))
        return heads[torch.arange(len(outputs), device=outputs.device), task_labels]

    def forward_all_tasks(self, x: Tensor) -> dict[int, Tensor]:
        """Scores (B, width) of every task, by label, from one pass through the network."""
        return dict(enumerate(self._heads(x).unbind(1)))

    def forward_single_task(self, x: Tensor, task_label: int) -> Tensor:
        """Scores (B, width) of one task."""
        return self._heads(x)[:, task_label]

    def _heads(self, x: Tensor) -> Tensor:
        """(B, tasks, width)."""
        return self.network(x).unflatten(1, (-1, self.width))


class TaskMasks(MultiTaskModule):
    """Runs the samples of each task with the weights that its mask leaves; all tasks share the outputs.

    Traces are of the batch, and so of the samples of one task in it.
    """

    def __init__(self, network: MultitaskNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, task_labels: Tensor | None) -> Any:
        """Scores (B, K) of inputs (B, …) with task labels (B,); for None those of every task so far."""
        if task_labels is None:
            return self.forward_all_tasks(x)
        tasks = task_labels.unique().tolist()
        members = [(task_labels == task).nonzero().squeeze(1) for task in tasks]
        scores = [self.forward_single_task(x[rows], task) for rows, task in zip(members, tasks, strict=True)]
        return torch.cat(scores)[torch.cat(members).argsort()]

    def forward_single_task(self, x: Tensor, task_label: int) -> Tensor:
        """Scores (B, K) of one task."""
        scores: Tensor = self.network(x, task_label)
        return scores


def inner_network(model: torch.nn.Module) -> Any:
    """The network behind a model's heads; the model itself where it has none."""
    return model.network if isinstance(model, TaskHeads) else model

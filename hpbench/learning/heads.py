"""One head per task, as groups of outputs of one layer."""

from typing import Any

import torch
from avalanche.models import MultiTaskModule
from torch import Tensor


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


def inner_network(model: torch.nn.Module) -> Any:
    """The network behind a model's heads; the model itself where it has none."""
    return model.network if isinstance(model, TaskHeads) else model

"""One head per task out of one output layer."""

import torch
from avalanche.models import MultiTaskModule
from torch import Tensor


class TaskHeads(MultiTaskModule):
    """Reads, for each sample, the `width` outputs that belong to its task label.

    The network has tasks · width outputs; the others get no gradient from this sample's loss.
    """

    def __init__(self, network: torch.nn.Module, width: int) -> None:
        super().__init__()
        self.network = network
        self.width = width

    def forward(self, x: Tensor, task_labels: Tensor) -> Tensor:
        """Scores (B, width) of inputs (B, …) with task labels (B,)."""
        return self.pick(self.network(x), task_labels)

    def pick(self, outputs: Tensor, task_labels: Tensor) -> Tensor:
        """Scores (B, width) of each sample's own head, from the outputs of all heads, (B, tasks · width)."""
        heads = outputs.unflatten(1, (-1, self.width))
        return heads[torch.arange(len(outputs), device=outputs.device), task_labels]

    def forward_single_task(self, x: Tensor, task_label: int) -> Tensor:
        """Scores (B, width) of one task."""
        return self.forward(x, torch.full((len(x),), task_label, device=x.device))

"""Losses of hidden layers that a network has beside that of its scores."""

from typing import Any

from avalanche.core import SupervisedPlugin
from torch.nn.functional import one_hot

from hpbench.learning.heads import TaskHeads, inner_network


class LocalLosses(SupervisedPlugin):
    """Adds the network's `local_loss(loss, targets)` to the loss; targets are one-hot, (B, outputs)."""

    def before_backward(self, strategy: Any, **kwargs: Any) -> None:
        """Of the batch that has just passed the network."""
        network, labels = inner_network(strategy.model), strategy.mb_y
        if isinstance(strategy.model, TaskHeads):
            labels = labels + strategy.mb_task_id * strategy.model.width
        targets = one_hot(labels, network.outputs).to(strategy.mb_output.dtype)
        strategy.loss = strategy.loss + network.local_loss(strategy.loss, targets)

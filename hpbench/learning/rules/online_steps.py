"""An Avalanche strategy whose weights move at every time step of a sample's window."""

from typing import Any

import torch
from torch import Tensor

from hpbench.learning.heads import TaskHeads, inner_network
from hpbench.learning.templates import ContinualTemplate


class OnlineSteps(ContinualTemplate):
    """Avalanche's SupervisedTemplate on a network that gives a loss for every step of a window.

    The network's generator `local_losses(inputs, loss)` yields the loss and the scores (B, K) of each time
    step; backward pass and optimizer step follow before the next time step is computed. Plugins' callbacks
    around the backward pass and the update are called at every time step, those around the forward pass and
    the iteration once per batch. `loss` is then the mean over time steps, and `mb_output` the scores that the
    network's `scores` computes from those of all steps.
    """

    def training_epoch(self, **kwargs: Any) -> None:
        """A pass over the dataloader."""
        for batch in self.dataloader:
            if self._stop_training:
                break
            self.mbatch = batch
            self._unpack_minibatch()
            self._before_training_iteration(**kwargs)
            self._before_forward(**kwargs)
            losses, scores = [], []
            network = inner_network(self.model)
            for loss, one in network.local_losses(self.mb_x, self._judged):
                self.loss = loss
                losses.append(loss.detach())
                scores.append(one)
                self._learn(**kwargs)
            self.loss = torch.stack(losses).mean()
            self.mb_output = self._picked(network.scores(scores))
            self._after_forward(**kwargs)
            self._after_training_iteration(**kwargs)

    def _learn(self, **kwargs: Any) -> None:
        self.optimizer.zero_grad()
        self._before_backward(**kwargs)
        self.backward()
        self._after_backward(**kwargs)
        self._before_update(**kwargs)
        self.optimizer_step()
        self._after_update(**kwargs)

    def _judged(self, scores: Tensor) -> Tensor:
        return self._criterion(self._picked(scores), self.mb_y)

    def _picked(self, scores: Tensor) -> Tensor:
        """The outputs of each sample's own head, where there are heads."""
        model: Any = self.model
        return model.pick(scores, self.mb_task_id) if isinstance(model, TaskHeads) else scores

"""An Avalanche strategy whose weights move at every time step of a sample's window."""

from typing import Any

import torch
from torch import Tensor

from hpbench.learning.heads import TaskHeads, inner_network
from hpbench.learning.supervised import ContinualTemplate


class OnlineSteps(ContinualTemplate):
    """Avalanche's SupervisedTemplate on a network that gives a loss for every step of a window.

    The network's `local_losses(inputs, loss)` yields a loss and scores (B, K) step by step; a loss is
    differentiated, and the optimizer steps, before the next is asked for. Plugins hear of a backward pass and
    of an update at every step, of a forward pass and of an iteration once a batch; then `loss` is the mean
    over the batch's steps, and `mb_output` what the network's `scores` makes of all of them.
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

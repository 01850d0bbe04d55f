"""An Avalanche strategy on a network that computes its own gradients while a window passes."""

from typing import Any

import torch
from torch import Tensor

from hpbench.learning.heads import TaskHeads, inner_network
from hpbench.learning.strategy import prototypes_of
from hpbench.learning.templates import ContinualTemplate


class OnlineGradients(ContinualTemplate):
    """Avalanche's SupervisedTemplate for networks with a method `learn(inputs, judged)`.

    It adds the gradients of a batch to the parameters and returns loss and scores (B, K); `judged` is the
    mean loss of scores (C · B, K) of C steps. What plugins add to the loss goes the usual way.
    """

    def forward(self) -> Any:
        """Scores of the batch."""
        if not self.model.training:
            return super().forward()
        if prototypes_of(self) is not None:
            with torch.no_grad():
                super().forward()  # they read their features from a pass of the model
        self._loss, scores = inner_network(self.model).learn(self.mb_x, self.judged)
        return self._picked(scores, 1)

    def criterion(self) -> Tensor:
        """The loss of the batch."""
        return self._loss if self.model.training else super().criterion()

    def backward(self) -> None:
        """Of what plugins have added."""
        if self.loss.requires_grad:
            self.loss.backward()

    def judged(self, scores: Tensor) -> Tensor:
        """The mean loss of scores (C · B, K) of C steps of the batch."""
        steps = len(scores) // len(self.mb_y)
        return self._criterion(self._picked(scores, steps), self.mb_y.repeat(steps))

    def _picked(self, scores: Tensor, steps: int) -> Tensor:
        """The outputs of each sample's own head, where there are heads."""
        model: Any = self.model
        if isinstance(model, TaskHeads):
            return model.pick(scores, self.mb_task_id.repeat(steps))
        return scores

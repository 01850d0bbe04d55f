"""Bilevel learning of the meta-parameters θ along a stream, as a plugin."""

from collections.abc import Callable
from typing import Any

import torch
from avalanche.core import SupervisedPlugin
from torch import Tensor

from hpbench.learning.heads import TaskHeads
from hpbench.plasticity.bilevel import BilevelSettings, Hypergradient, StreamBilevel, write_gradients


class BilevelTheta(SupervisedPlugin):
    """Gives θ the gradient of Eq. 10 instead of the training loss's own; w learns as before.

    Wu et al. 2022. θ are the parameters of the network's `theta()`. With `forgets`, the stored batch is
    dropped at the end of an experience; streams without boundaries need `forgets=False`.
    """

    def __init__(
        self, loss: Callable[[Tensor, Tensor], Tensor], how: BilevelSettings, *, forgets: bool = True
    ) -> None:
        super().__init__()
        self.loss, self.how, self.forgets = loss, how, forgets
        self.stream: StreamBilevel | None = None
        self.found: Hypergradient | None = None

    @property
    def memory_samples(self) -> int:
        """Number of samples stored from earlier batches."""
        return 0 if self.stream is None else self.stream.memory_samples

    def before_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Use the present model, which a strategy may have replaced by a copy."""
        model = strategy.model
        heads = model if isinstance(model, TaskHeads) else None
        network = model.network if heads else model
        if self.stream is not None and self.stream.module is network:
            return

        def loss(outputs: Tensor, targets: Tensor) -> Tensor:
            labels, tasks = targets.unbind(1)
            return self.loss(heads.pick(outputs, tasks) if heads else outputs, labels)

        self.stream = StreamBilevel(network, network.theta(), loss, self.how)

    def before_training_iteration(self, strategy: Any, **kwargs: Any) -> None:
        """Compute the gradient of θ, before w and the trace learn from the batch."""
        assert self.stream is not None
        targets = torch.stack((strategy.mb_y, strategy.mb_task_id), 1)
        self.found = self.stream.observe(strategy.mb_x, targets)

    def before_update(self, strategy: Any, **kwargs: Any) -> None:
        """Replace the training loss's gradient of θ; if there is none, θ is not updated."""
        assert self.stream is not None
        parts = self.stream.parts
        if self.found is not None:
            write_gradients(parts, self.found)
            return
        for parameter in parts.theta.values():
            parameter.grad = None

    def after_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Drop the stored batch."""
        if self.forgets and self.stream is not None:
            self.stream.forget()

"""Meta-parameters θ that learn apart from the weights, from samples of all experiences so far."""

from typing import Any

import torch
from avalanche.core import SupervisedPlugin
from avalanche.models import avalanche_forward
from torch import Tensor

from hpbench.learning.losses import Loss
from hpbench.spiking.fused.adam import Adam


class ThetaRehearsal(SupervisedPlugin):
    """After each of the first `experiences`, θ learns for as many batches as the experience has in a pass.

    A batch has random samples of one experience, drawn among those so far; the weights stay as they are.
    The samples of these experiences are kept. Source: Wu et al., Nat. Commun. 13:65 (2022), the authors'
    code for multitask learning, where θ learns during the first 35 of 50 tasks.
    """

    def __init__(self, theta: list[torch.nn.Parameter], lr: float, loss: Loss, experiences: int) -> None:
        super().__init__()
        self.theta, self.loss, self.experiences = theta, loss, experiences
        self.optimizer = Adam(theta, lr=lr)
        self.kept: list[Tensor] = []
        self._learns(False)

    @property
    def memory_samples(self) -> int:
        """Number of samples kept: all those of the first experiences."""
        return sum(map(len, self.kept))

    def after_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Keep the samples of the experience, then learn."""
        if len(self.kept) == self.experiences:
            return
        store, size = strategy.store, strategy.train_mb_size
        self.kept.append(store.rows_of(strategy.adapted_dataset))
        strategy.model.train()
        self._learns(True)
        for _ in range(-(-len(self.kept[-1]) // size)):
            rows = self.kept[int(torch.randint(len(self.kept), ()))]
            inputs, targets, *_, tasks = store.batch(rows[torch.randperm(len(rows))[:size].to(rows.device)])
            loss = self.loss(avalanche_forward(strategy.model, inputs, tasks), targets)
            self.optimizer.zero_grad()
            loss.backward(inputs=self.theta)
            self.optimizer.step()
        self.optimizer.zero_grad()
        self._learns(False)

    def _learns(self, learns: bool) -> None:
        """Whether θ gets gradients; without them, the optimizer of the weights leaves it as it is."""
        for one in self.theta:
            one.requires_grad_(learns)

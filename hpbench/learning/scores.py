"""Scores of a trained Avalanche strategy on arbitrary inputs."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from avalanche.training.templates import SupervisedTemplate
from torch import Tensor

from hpbench.learning.strategy import prototypes_of


class Scores(torch.nn.Module):
    """Inputs (B, …) to scores (B, K), as the strategy computes them in evaluation; differentiable.

    Call it within `asked()` only. If the trace adapts to its batch, scores depend on the caller's batches.
    """

    def __init__(self, strategy: SupervisedTemplate) -> None:
        super().__init__()
        self._strategy = [strategy]  # in a list, so that its model is not registered as a submodule

    @contextmanager
    def asked(self) -> Iterator["Scores"]:
        """Context with the model in evaluation mode, prototypes included, its weights without gradients."""
        [strategy] = self._strategy
        prototypes = prototypes_of(strategy)
        learned = [one for one in strategy.model.parameters() if one.requires_grad]
        mode = strategy.model.training
        strategy.model.eval()
        with ExitStack() as stack:
            if prototypes is not None:
                stack.enter_context(prototypes.reader.attached(strategy.model))
            for one in learned:
                one.requires_grad_(False)
            try:
                yield self
            finally:
                for one in learned:
                    one.requires_grad_(True)
                strategy.model.train(mode)

    def forward(self, inputs: Tensor) -> Tensor:
        """Scores (B, K)."""
        strategy: Any = self._strategy[0]
        nobody = torch.zeros(len(inputs), dtype=torch.long, device=inputs.device)
        strategy.mbatch = [inputs, nobody, nobody]
        scores: Tensor = strategy.forward()
        return scores

"""Entropy minimisation at test (TENT): a norm's gains and offsets learn from unlabelled test batches.

    H = −(1/B) Σ_b Σ_k p_bk log p_bk,   p_b = softmax of the scores of sample b

Wang et al., ICLR 2021. Each batch of a test stream is answered, and then moves gains and offsets by one step
of Adam down H. Means and variances are those of the batch (`hpbench.spiking.adaptive_norm`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn import Parameter


def mean_entropy(scores: Tensor) -> Tensor:
    """H of scores (B, K), in nats."""
    logs = torch.log_softmax(scores, 1)
    return -(logs.exp() * logs).sum(1).mean()


class EntropySteps:
    """Inputs (B, …) to scores (B, K); a step of the parameters, at learning rate `lr`, follows each call."""

    def __init__(
        self, scores: Callable[[Tensor], Tensor], parameters: Sequence[Parameter], lr: float
    ) -> None:
        self._scores = scores
        self._optimizer = torch.optim.Adam(parameters, lr=lr)

    def __call__(self, inputs: Tensor) -> Tensor:
        """The scores as they were before the step."""
        with torch.enable_grad():
            found = self._scores(inputs)
            mean_entropy(found).backward()
        self._optimizer.step()
        self._optimizer.zero_grad()
        return found.detach()


@contextmanager
def entropy_steps(
    scores: Callable[[Tensor], Tensor], parameters: Sequence[Parameter], lr: float
) -> Iterator[EntropySteps]:
    """Context of one test stream, after which the parameters are as before. Others need no gradients."""
    before = [(one, one.detach().clone(), one.requires_grad) for one in parameters]
    for one in parameters:
        one.requires_grad_(True)
    try:
        yield EntropySteps(scores, parameters, lr)
    finally:
        for one, values, learns in before:
            one.requires_grad_(learns)
            one.data.copy_(values)
            one.grad = None

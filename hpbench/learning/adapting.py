"""A stream of test samples, through which parts of a trained network may go on adapting."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from hpbench.learning.rules.entropy import entropy_steps
from hpbench.spiking.adaptive_norm import AdaptiveNorm


@runtime_checkable
class AdaptsAtTest(Protocol):
    """A module that may adapt to the samples of a test stream, in their order; elsewhere it is as trained."""

    def begin_stream(self) -> None:
        """A stream begins, from the trained state."""

    def end_stream(self) -> None:
        """It ends: what was adapted is dropped, and the trained state is as it was."""


@contextmanager
def adapting(
    model: torch.nn.Module, scores: Callable[[Tensor], Tensor]
) -> Iterator[Callable[[Tensor], Tensor]]:
    """Context in which the model is shown the samples of one test stream.

    `scores` maps inputs (B, …) to the model's scores in evaluation; what the context returns does the same,
    and lets the norms of a network with an `entropy_lr` learn from each batch.
    """
    parts = [one for one in model.modules() if isinstance(one, AdaptsAtTest)]
    found: list[Any] = [getattr(one, "entropy_lr", None) for one in model.modules()]
    rates: list[float] = [one for one in found if one is not None]
    for one in parts:
        one.begin_stream()
    try:
        if rates:
            norms = [one for one in model.modules() if isinstance(one, AdaptiveNorm)]
            learning = [parameter for norm in norms for parameter in (norm.weight, norm.bias)]
            with entropy_steps(scores, learning, rates[0]) as answers:
                yield answers
        else:
            yield scores
    finally:
        for one in parts:
            one.end_stream()

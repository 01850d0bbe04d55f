"""A stream of test samples, through which parts of a trained network may go on adapting."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

import torch


@runtime_checkable
class AdaptsAtTest(Protocol):
    """A module that may adapt to the samples of a test stream, in their order; elsewhere it is as trained."""

    def begin_stream(self) -> None:
        """A stream begins, from the trained state."""

    def end_stream(self) -> None:
        """It ends: what was adapted is dropped, and the trained state is as it was."""


@contextmanager
def adapting(model: torch.nn.Module) -> Iterator[None]:
    """Context in which the model, in evaluation mode, is shown the samples of one test stream."""
    parts = [one for one in model.modules() if isinstance(one, AdaptsAtTest)]
    for one in parts:
        one.begin_stream()
    try:
        yield
    finally:
        for one in parts:
            one.end_stream()

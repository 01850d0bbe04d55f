"""A frozen trace."""

import torch
from torch import Tensor

from hpbench.spiking.hybrid.forms.local_path import Posts, Source
from hpbench.spiking.hybrid.product import product


class Held:
    """A shared trace that is not updated: x P_0 is one matrix product for the window."""

    learns = False

    def __init__(self, source: Source) -> None:
        assert source.trace is not None
        self.source, self.trace = source, source.trace
        self.kept: list[Tensor] = []
        self.found: list[Tensor] = []

    def begin(self) -> None:
        """x P_0, (B, m) or (T, B, m)."""
        self.kept = [product(self.source.values, self.trace)]

    def read(self, step: int) -> Tensor:
        """x(t) P_0."""
        (whole,) = self.kept
        return whole if self.source.static else whole[step]

    def write(self, step: int, posts: Posts) -> None:
        """The trace is not updated."""

    def last_trace(self, posts: Posts) -> None:
        """The trace was not updated."""

    def resume(self, kept: list[Tensor], posts: Posts) -> None:
        """x P_0."""
        self.kept = kept

    def to_post(self, step: int) -> None:
        """g is not used."""

    def from_read(self, step: int, gradient: Tensor) -> None:
        """Store it."""
        self.found.append(gradient)

    def gradients(self, to_values: Tensor | None) -> tuple[Tensor | None, None]:
        """∂x(t) = P_0 ∂read(t)."""
        if to_values is not None:
            found = (
                sum(self.found[1:], self.found[0]) if self.source.static else torch.stack(self.found[::-1])
            )
            to_values = to_values + product(found, self.trace.T)
        return to_values, None

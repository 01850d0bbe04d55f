"""What a form of the local path is: what the trace adds to the current over a window, and what it learns.

Each form is asked what the trace makes of the input before a step, `read(t)` = P(t−1)^T x(t), and told the
post factor g(t) after it, `write(t, g)`; the local current is α e_t times what was read. All are the
recursion of `HybridParameters` re-ordered and equal it to rounding; those that keep the trace implicit need
that the clamp cannot bind. Backward in time a form is told the gradient of what was read and gives that of g.

Notation as in `HybridParameters`: λ decay, e_t trace scale, r rates, P_0 the carried trace; ∂ is the gradient
of the loss, ∂read(t) that of what was read.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from torch import Tensor

Posts = Tensor | Sequence[Tensor]
"""The post factors g(t), (B, m), of the steps so far or of all: rows of one tensor, or one by one."""


class Source(NamedTuple):
    """What a local path is made from.

    x, (B, n) if constant or (T, B, n); r, (n,); P_0, (n, m) if shared, else (B, n, m) or None for none; e_t
    for each of T steps, λ, and the bound of the trace; m.
    """

    values: Tensor
    rate: Tensor
    trace: Tensor | None
    scales: tuple[float, ...]
    decay: float
    bound: float
    neurons: int

    @property
    def static(self) -> bool:
        """Whether the input is constant."""
        return self.values.ndim == 2

    def shown(self) -> Sequence[Tensor]:
        """x(t), (B, n), for every step."""
        return [self.values] * len(self.scales) if self.static else self.values.unbind()


class LocalPath(Protocol):
    """A form over one source. It is used in one of two ways.

    Forward: `begin`, then for each step `read` and, if the form `learns`, `write`; then `last_trace`, and
    `kept` is what the way back needs. Back, in a form made anew: `resume` with that, then for each step
    from the last `to_post`, `read` again, and `from_read`; then `gradients`.
    """

    learns: bool
    kept: list[Tensor]

    def __init__(self, source: Source) -> None: ...

    def begin(self) -> None:
        """Compute what does not depend on the loop."""
        ...

    def read(self, step: int) -> Tensor:
        """P(t−1)^T x(t), (B, m)."""
        ...

    def write(self, step: int, posts: Posts) -> None:
        """Take up g(t), which is posts[step]."""
        ...

    def last_trace(self, posts: Posts) -> Tensor | None:
        """P(T) of a shared trace, (n, m), if it moved."""
        ...

    def resume(self, kept: list[Tensor], posts: Posts) -> None:
        """Take up what the way forward kept, and all g."""
        ...

    def to_post(self, step: int) -> Tensor | None:
        """∂g(t) through what was read later, (B, m); None if nothing was."""
        ...

    def from_read(self, step: int, gradient: Tensor) -> None:
        """Take up ∂read(t), (B, m); it may be written over."""
        ...

    def gradients(self, to_values: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
        """∂x, added to what is given of it (None where it is not wanted), and ∂r; P_0 has none."""
        ...

"""Interface of the algorithms ("forms") that compute the local path: the trace's current and update.

Before a step a form returns `read(t)` = P(t−1)^T x(t); the local current is α e_t times that. After the step
it receives the post factor g(t), `write(t, g)`. All forms are the recursion of `HybridParameters`,
re-ordered, and agree up to rounding; implicit ones, which never store P, need a clamp that is not reached.
Backward in time a form receives the gradient of `read(t)` and returns that of g(t).

Notation as in `HybridParameters`: λ decay, e_t trace scale, r rates, P_0 the trace before the window; ∂ is
the gradient of the loss, as in ∂read(t).
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from torch import Tensor

Posts = Tensor | Sequence[Tensor]
"""The post factors g(t), (B, m), of the steps so far or of all: one tensor, or one tensor per step."""


class Source(NamedTuple):
    """The inputs of a local path.

    x, (B, n) if constant or (T, B, n); r, (n,); P_0, (n, m) if shared, else (B, n, m) or None where not
    needed; e_t for each of T steps, λ, and the bound of the trace; m.
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
    """The trace's current and update over one window of T steps; an instance runs either forward or backward.

    Forward, the loop over time calls `begin`, then at each step `read` and, if the form `learns` (updates the
    trace), `write`, and at the end `last_trace`. `kept` are then the tensors that autograd saves for the
    backward pass. This is run by a new instance: `resume` with the saved tensors, then from the last step to
    the first `to_post`, `read` and `from_read`, and at the end `gradients`.
    """

    learns: bool

    def __init__(self, source: Source) -> None: ...

    @property
    def kept(self) -> list[Tensor]:
        """The tensors to save for the backward pass."""
        ...

    def begin(self) -> None:
        """Compute what does not depend on the loop."""
        ...

    def read(self, step: int) -> Tensor:
        """P(t−1)^T x(t), (B, m)."""
        ...

    def write(self, step: int, posts: Posts) -> None:
        """Receive g(t), which is posts[step]."""
        ...

    def last_trace(self, posts: Posts) -> Tensor | None:
        """P(T) of a shared trace, (n, m), if it was updated."""
        ...

    def resume(self, kept: list[Tensor], posts: Posts) -> None:
        """Receive the `kept` tensors of the forward pass, and all g."""
        ...

    def to_post(self, step: int) -> Tensor | None:
        """∂g(t) from later `read`s, (B, m); None if there are none."""
        ...

    def from_read(self, step: int, gradient: Tensor) -> None:
        """Receive ∂read(t), (B, m), which may be overwritten."""
        ...

    def gradients(self, to_values: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
        """∂x, added to `to_values` (None if not needed), and ∂r; P_0 gets no gradient."""
        ...

"""Forms of the local path over a window: what the trace adds to the current, and what it learns.

Each form is asked what the trace makes of the input before a step, `read(t)`, and told g after it,
`write(t, g)`; the local current is α e_t times what was read. All are the recursion of `HybridParameters`
re-ordered and equal it to rounding; those that keep the trace implicit need that the clamp cannot bind.
Notation as there: λ decay, e_t trace scale, r rates, P_0 the carried trace.
"""

from typing import Protocol

import torch
from torch import Tensor

from hpbench.plasticity.trace import update_own, update_shared


class LocalPath(Protocol):
    """A form of the local path within one window."""

    def read(self, step: int) -> Tensor:
        """P(t−1)^T x(t), (B, m)."""

    def write(self, step: int, post: Tensor) -> None:
        """Take up the post factor g(t), (B, m)."""


class Held:
    """A trace that does not move. For static input its effect is computed once."""

    def __init__(self, inputs: list[Tensor], trace: Tensor, *, static: bool) -> None:
        self.inputs, self.trace = inputs, trace
        self.seen = inputs[0] @ trace if static else None

    def read(self, step: int) -> Tensor:
        """x(t) P_0."""
        return self.inputs[step] @ self.trace if self.seen is None else self.seen

    def write(self, step: int, post: Tensor) -> None:
        """Nothing moves."""


class Stepwise:
    """The trace as a tensor, step by step: (n, m) shared, or (B, n, m) one for each sample."""

    def __init__(
        self,
        inputs: list[Tensor],
        trace: Tensor,
        rate: Tensor,
        scales: list[float],
        decay: float,
        bound: float,
    ) -> None:
        self.inputs, self.trace, self.rate = inputs, trace, rate
        self.scales, self.decay, self.bound = scales, decay, bound
        self.update = update_own if trace.ndim == 3 else update_shared

    def read(self, step: int) -> Tensor:
        """x(t) P(t−1)."""
        values = self.inputs[step]
        return torch.einsum("bn,bnm->bm", values, self.trace) if self.trace.ndim == 3 else values @ self.trace

    def write(self, step: int, post: Tensor) -> None:
        """P(t) from P(t−1)."""
        pre = self.inputs[step] * (self.rate * self.scales[step])
        self.trace = self.update(self.trace, pre, post, self.decay, self.bound)

    def last_trace(self) -> Tensor:
        """P(T)."""
        return self.trace.detach()


class BatchKernel:
    """Shared trace under static input: with K = x diag(r) x^T / B, (B, B), no (n, m) work in the loop.

    y(0) = x P_0; the path reads y(t); y(t+1) = λ y(t) + e_t K g(t). After the window
    P_T = λ^T P_0 + (x ∘ r)^T Σ_t λ^(T−1−t) e_t g(t) / B.
    """

    def __init__(
        self, values: Tensor, trace: Tensor, rate: Tensor, scales: list[float], decay: float
    ) -> None:
        self.trace, self.scales, self.decay = trace, scales, decay
        self.pre = values * rate
        self.kernel = self.pre @ values.T / len(values)
        self.seen = values @ trace
        self.kept = torch.zeros_like(self.seen)

    def read(self, step: int) -> Tensor:
        """y(t)."""
        return self.seen

    def write(self, step: int, post: Tensor) -> None:
        """y(t+1), and the sum that the trace will need."""
        scale = self.scales[step]
        self.seen = torch.addmm(self.seen, self.kernel, post, beta=self.decay, alpha=scale)
        self.kept.mul_(self.decay).add_(post.detach(), alpha=scale)

    def last_trace(self) -> Tensor:
        """P(T)."""
        decay = self.decay ** len(self.scales)
        return torch.addmm(self.trace, self.pre.detach().T, self.kept, beta=decay, alpha=1 / len(self.kept))


class OwnStatic:
    """One trace for each sample under static input: with c_b = Σ_j r_j x_bj², (B, 1), it is a scalar times

    y(t+1) = λ y(t) + e_t g(t), y(0) = 0; the path reads c y(t).
    """

    def __init__(self, values: Tensor, neurons: int, rate: Tensor, scales: list[float], decay: float) -> None:
        self.scales, self.decay = scales, decay
        self.strength = (values * values) @ rate.unsqueeze(1)
        self.taken = values.new_zeros(len(values), neurons)

    def read(self, step: int) -> Tensor:
        """c y(t)."""
        return self.taken * self.strength

    def write(self, step: int, post: Tensor) -> None:
        """y(t+1)."""
        self.taken = torch.add(post * self.scales[step], self.taken, alpha=self.decay)


class OwnGram:
    """One trace for each sample: T² inner products G_b[t, q] = λ^(t−1−q) e_q x_b(t)·(r ∘ x_b(q)), q < t,

    instead of a (B, n, m) tensor; the path reads Σ_q G_b[t, q] g_b(q).
    """

    def __init__(self, values: Tensor, neurons: int, rate: Tensor, scales: list[float], decay: float) -> None:
        steps = len(values)
        own = values.transpose(0, 1)
        lag = torch.arange(steps, device=values.device)
        lag = lag[:, None] - 1 - lag[None, :]
        weights = torch.where(lag >= 0, values.new_tensor(decay) ** lag.clamp_min(0), 0.0)
        weights = weights * values.new_tensor(scales)
        self.gram = torch.bmm(own, (own * rate).transpose(1, 2)) * weights
        self.empty = values.new_zeros(values.shape[1], neurons)
        self.posts: list[Tensor] = []

    def read(self, step: int) -> Tensor:
        """Σ_q G[t, q] g(q)."""
        if not self.posts:
            return self.empty
        return torch.bmm(self.gram[:, step, None, :step], torch.stack(self.posts, 1)).squeeze(1)

    def write(self, step: int, post: Tensor) -> None:
        """Keep g(t)."""
        self.posts.append(post)

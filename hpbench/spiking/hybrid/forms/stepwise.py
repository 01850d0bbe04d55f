"""The trace stored as a tensor and updated step by step: always exact, and slowest."""

import math

import torch
from torch import Tensor

from hpbench.spiking.hybrid.forms.local_path import Posts, Source
from hpbench.spiking.hybrid.product import product


class Stepwise:
    """The trace as a tensor, step by step: one, updated by the mean over the batch, or one per sample.

    It is stored transposed, so that the long side of an output layer's trace is contiguous.
    """

    learns = True

    def __init__(self, source: Source) -> None:
        assert source.trace is not None
        self.source, self.shared, self.shown = source, source.trace.ndim == 2, source.shown()
        self.traces: list[Tensor] = []
        self.reads: list[Tensor] = []
        self.moved: list[Tensor] = []
        self.posts: Posts = ()
        self.from_later = torch.zeros_like(source.trace.mT)
        self.to_rate = torch.zeros_like(source.rate)
        scales = source.rate.new_tensor([self.scale(step) for step in range(len(source.scales))])
        self.rates = torch.outer(scales, source.rate).unbind()
        self.to_reads: list[Tensor] = []
        self.onwards: list[Tensor] = []

    @property
    def kept(self) -> list[Tensor]:
        """P(t) of all steps, from P_0 on, then what was read of them, then what moved a shared trace."""
        return self.traces + self.reads + self.moved

    def begin(self) -> None:
        """P_0."""
        assert self.source.trace is not None
        self.traces = [self.source.trace.mT]

    def scale(self, step: int) -> float:
        """e_t, divided by the batch size for a shared trace."""
        scale = self.source.scales[step]
        return scale / self.source.values.shape[-2] if self.shared else scale

    def product(self, values: Tensor, trace: Tensor) -> Tensor:
        """Product of values (B, n) with a transposed trace: (B, m)."""
        return product(values, trace.T) if self.shared else (trace @ values.unsqueeze(2)).squeeze(2)

    def outer(self, others: Tensor, values: Tensor) -> Tensor:
        """Outer products of (B, m) and (B, n), summed over the batch if the trace is shared."""
        return product(others.T, values) if self.shared else others.unsqueeze(2) * values.unsqueeze(1)

    def read(self, step: int) -> Tensor:
        """P(t−1)^T x(t), computed once."""
        if step == len(self.reads):
            self.reads.append(self.product(self.shown[step], self.traces[step]))
        return self.reads[step]

    def write(self, step: int, posts: Posts) -> None:
        """P(t) = clamp(λ P(t−1) + r ∘ e_t x(t) g(t)^T)."""
        source = self.source
        moved = self.outer(posts[step], self.shown[step])
        if self.shared:
            self.moved.append(moved)
        trace = torch.add(moved * self.rates[step], self.traces[step], alpha=source.decay)
        self.traces.append(trace if source.bound == math.inf else trace.clamp(-source.bound, source.bound))

    def last_trace(self, posts: Posts) -> Tensor | None:
        """P(T)."""
        return self.traces[-1].T if self.shared else None

    def resume(self, kept: list[Tensor], posts: Posts) -> None:
        """P, what was read of it and what moved it, and g of all steps."""
        after = len(self.source.scales) + 1
        self.traces, others = kept[:after], kept[after:]
        self.reads, self.moved = others[: after - 1], others[after - 1 :]
        self.posts = posts

    def to_post(self, step: int) -> Tensor:
        """(r ∘ e_t ∂P(t))^T x(t), where the clamp was not reached."""
        values, bound, scale = self.shown[step], self.source.bound, self.scale(step)
        if bound != math.inf:
            within = torch.ops.aten.hardtanh_backward
            self.from_later = within(self.from_later, self.traces[step + 1], -bound, bound)
        moved = self.moved[step] if self.shared else self.outer(self.posts[step], values)
        self.to_rate.add_((moved * self.from_later).flatten(0, -2).sum(0), alpha=scale)
        self.onwards.append(self.from_later * self.rates[step])
        return self.product(values, self.onwards[-1])

    def from_read(self, step: int, gradient: Tensor) -> None:
        """∂P(t−1) = λ ∂P(t) + x(t) ∂read(t)^T."""
        self.to_reads.append(gradient)
        own = self.outer(gradient, self.shown[step])
        self.from_later = own.add_(self.from_later, alpha=self.source.decay)

    def gradients(self, to_values: Tensor | None) -> tuple[Tensor | None, Tensor]:
        """∂x(t) = P(t−1) ∂read(t) + (r ∘ e_t ∂P(t)) g(t), and ∂r."""
        if to_values is None:
            return None, self.to_rate
        reads, posts = torch.stack(self.to_reads[::-1]), self.posts
        assert isinstance(posts, Tensor)
        gradients = torch.cat((reads, posts), -1)
        traces = torch.cat((torch.stack(self.traces[:-1]), torch.stack(self.onwards[::-1])), -2)
        if self.shared and not self.source.static:
            return to_values.baddbmm_(gradients, traces), self.to_rate
        found = gradients @ traces if self.shared else (gradients.unsqueeze(2) @ traces).squeeze(2)
        return to_values + (found.sum(0) if self.source.static else found), self.to_rate

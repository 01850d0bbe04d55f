"""Shared trace, constant input: exact if the clamp is not reached."""

import torch
from torch import Tensor

from hpbench.spiking.hybrid.forms.local_path import Posts, Source
from hpbench.spiking.hybrid.product import product


class BatchKernel:
    """Shared trace, constant input: with K = x diag(r) x^T / B, (B, B), the loop has no (n, m) operation.

    y(0) = x P_0; read(t) = y(t); y(t+1) = λ y(t) + e_t K g(t). After the window
    P_T = λ^T P_0 + (x ∘ r)^T Σ_t λ^(T−1−t) e_t g(t) / B.
    """

    learns = True

    def __init__(self, source: Source) -> None:
        assert source.trace is not None
        self.source, self.trace = source, source.trace
        self.kept: list[Tensor] = []
        self.posts: Posts = ()
        self.from_later: Tensor | None = None
        self.to_kernel: Tensor | None = None

    def begin(self) -> None:
        """K and y(0)."""
        values, rate = self.source.values, self.source.rate
        kernel = product(values * (rate / len(values)), values.T)
        self.kept = [kernel, product(values, self.trace)]

    def read(self, step: int) -> Tensor:
        """y(t)."""
        return self.kept[1 + step]

    def write(self, step: int, posts: Posts) -> None:
        """y(t+1), if another step follows."""
        if step + 1 < len(self.source.scales):
            decay, scale = self.source.decay, self.source.scales[step]
            moved = product(self.kept[0] * scale, posts[step])
            self.kept.append(moved.add_(self.kept[1 + step], alpha=decay))

    def last_trace(self, posts: Posts) -> Tensor:
        """P(T), from g weighted by their decay."""
        assert isinstance(posts, Tensor)
        values, rate, _, scales, decay, *_ = self.source
        weights = [decay ** (len(scales) - 1 - step) * scale for step, scale in enumerate(scales)]
        total = (posts.new_tensor(weights) @ posts.flatten(1)).view_as(posts[0])
        moved = product((values * (rate / len(values))).T, total)
        return moved.add_(self.trace, alpha=decay ** len(scales))

    def resume(self, kept: list[Tensor], posts: Posts) -> None:
        """K, y of all steps and g."""
        self.kept, self.posts = kept, posts
        if self.source.rate.requires_grad or self.source.values.requires_grad:
            self.to_kernel = torch.zeros_like(kept[0])

    def to_post(self, step: int) -> Tensor | None:
        """e_t K^T ∂y(t+1)."""
        later, scale = self.from_later, self.source.scales[step]
        if later is None:
            return None
        if self.to_kernel is not None:
            self.to_kernel.add_(product(later, self.posts[step].T), alpha=scale)
        return product(self.kept[0].T * scale, later)

    def from_read(self, step: int, gradient: Tensor) -> None:
        """∂y(t) = λ ∂y(t+1) + ∂read(t)."""
        later = self.from_later
        self.from_later = gradient if later is None else gradient.add_(later, alpha=self.source.decay)

    def gradients(self, to_values: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
        """∂r = Σ_b x ∘ ∂K x / B, and ∂x = (∂K + ∂K^T) x ∘ r / B + ∂y(0) P_0^T."""
        if self.to_kernel is None:
            return None, None
        values, rate = self.source.values, self.source.rate / len(self.source.values)
        through = product(self.to_kernel, values)
        if to_values is not None and self.from_later is not None:
            moved = torch.addcmul(to_values, through + product(self.to_kernel.T, values), rate)
            to_values = moved.add_(product(self.from_later, self.trace.T))
        return to_values, (values * through).sum(0) / len(values)

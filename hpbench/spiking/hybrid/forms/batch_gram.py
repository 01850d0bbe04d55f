"""Shared trace, input that changes over time: exact if the clamp is not reached."""

import torch
from torch import Tensor

from hpbench.spiking.hybrid.forms.local_path import Posts, Source
from hpbench.spiking.hybrid.product import product


class BatchGram:
    """Shared trace, changing input: inner products of all pairs of samples replace the trace. With

    G[t, q] = λ^(t−1−q) e_q x(t) diag(r) x(q)^T / B, (B, B), for q < t

    read(t) = λ^t x(t) P_0 + Σ_q G[t, q] g(q). P_T is as in `BatchKernel`.
    """

    learns = True

    def __init__(self, source: Source) -> None:
        assert source.trace is not None
        self.source, self.trace = source, source.trace
        self.kept: list[Tensor] = []
        self.posts: Posts = ()
        steps, self.batch, _ = source.values.shape
        self.found = source.values.new_empty(steps, self.batch, source.neurons)

    def begin(self) -> None:
        """x(t) P_0 of all steps, then the blocks (B, t·B) of G from the second step on."""
        values, rate, decay = self.source.values, self.source.rate, self.source.decay
        powers = values.new_tensor([decay**step for step in range(len(values))])
        self.kept = [product(values * powers[:, None, None], self.trace)]
        pre = (values * (rate / self.batch)).flatten(0, 1)
        for step in range(1, len(values)):
            products = product(values[step], pre[: step * self.batch].T)
            self.kept.append(products * self.weights(step))

    def weights(self, step: int) -> Tensor:
        """λ^(t−1−q) e_q of the columns (q, b), (t·B,)."""
        scales, decay = self.source.scales, self.source.decay
        by_step = [decay ** (step - 1 - earlier) * scales[earlier] for earlier in range(step)]
        return self.source.rate.new_tensor(by_step).repeat_interleave(self.batch)

    def read(self, step: int) -> Tensor:
        """λ^t x(t) P_0 + Σ_q G[t, q] g(q)."""
        carried = self.kept[0][step]
        return carried if not step else carried + product(self.kept[step], self.earlier(step))

    def earlier(self, step: int) -> Tensor:
        """g of the earlier steps, (t·B, m)."""
        posts = self.posts[:step]
        return posts.flatten(0, 1) if isinstance(posts, Tensor) else torch.cat(list(posts))

    def write(self, step: int, posts: Posts) -> None:
        """Store g(t)."""
        self.posts = posts

    def last_trace(self, posts: Posts) -> Tensor:
        """P(T), from g weighted by their decay."""
        assert isinstance(posts, Tensor)
        values, rate, steps = self.source.values, self.source.rate, len(posts)
        total = posts.flatten(0, 1) * self.weights(steps)[:, None]
        moved = product((values * (rate / self.batch)).flatten(0, 1).T, total)
        return moved.add_(self.trace, alpha=self.source.decay**steps)

    def resume(self, kept: list[Tensor], posts: Posts) -> None:
        """x P_0, G and g of all steps."""
        self.kept, self.posts = kept, posts

    def to_post(self, step: int) -> Tensor | None:
        """Σ_q G[q, t]^T ∂read(q) over the later steps q."""
        own = slice(step * self.batch, (step + 1) * self.batch)
        total: Tensor | None = None
        for later in range(step + 1, len(self.found)):
            part = product(self.kept[later][:, own].T, self.found[later])
            total = part if total is None else total.add_(part)
        return total

    def from_read(self, step: int, gradient: Tensor) -> None:
        """Store it."""
        self.found[step] = gradient

    def gradients(self, to_values: Tensor | None) -> tuple[Tensor | None, Tensor]:
        """With H[t, q] = λ^(t−1−q) e_q ∂read(t) g(q)^T / B and y = (H + H^T) x, rows and columns (t, b):
        ∂r = Σ x ∘ y / 2, ∂x(t) = r ∘ y(t) + λ^t ∂read(t) P_0^T."""
        values, size = self.source.values, self.batch
        one_sided = values.new_zeros(len(values) * size, len(values) * size)
        for step in range(1, len(values)):
            products = product(self.found[step], self.earlier(step).T)
            own = one_sided[step * size : (step + 1) * size, : step * size]
            torch.mul(products, self.weights(step) / size, out=own)
        through = product(one_sided + one_sided.T, values.flatten(0, 1)).view_as(values)
        if to_values is not None:
            powers = values.new_tensor([self.source.decay**step for step in range(len(values))])
            to_values = to_values.addcmul_(through, self.source.rate)
            to_values.baddbmm_(self.found * powers[:, None, None], self.trace.T.expand(len(values), -1, -1))
        return to_values, through.mul_(values).flatten(0, 1).sum(0) / 2

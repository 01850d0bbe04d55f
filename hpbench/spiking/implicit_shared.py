"""Forms of the local path that never hold a shared trace's moves: exact where its clamp cannot bind."""

import torch
from torch import Tensor

from hpbench.spiking.local_path import Posts, Source


class BatchKernel:
    """Shared trace, constant input: with K = x diag(r) x^T / B, (B, B), no (n, m) work is in the loop.

    y(0) = x P_0; the path reads y(t); y(t+1) = λ y(t) + e_t K g(t). After the window
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
        kernel = torch.mm(values * (rate / len(values)), values.T)
        self.kept = [kernel, values @ self.trace]

    def read(self, step: int) -> Tensor:
        """y(t)."""
        return self.kept[1 + step]

    def write(self, step: int, posts: Posts) -> None:
        """y(t+1), if there is a step to read it."""
        if step + 1 < len(self.source.scales):
            decay, scale = self.source.decay, self.source.scales[step]
            self.kept.append(
                torch.addmm(self.kept[1 + step], self.kept[0], posts[step], beta=decay, alpha=scale)
            )

    def last_trace(self, posts: Posts) -> Tensor:
        """P(T), from g weighted by their decay."""
        assert isinstance(posts, Tensor)
        values, rate, _, scales, decay, *_ = self.source
        weights = [decay ** (len(scales) - 1 - step) * scale for step, scale in enumerate(scales)]
        total = (posts.new_tensor(weights) @ posts.flatten(1)).view_as(posts[0])
        pre, share = values * rate, 1 / len(values)
        return torch.addmm(self.trace, pre.T, total, beta=decay ** len(scales), alpha=share)

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
            self.to_kernel.addmm_(later, self.posts[step].T, alpha=scale)
        # The sum starts from nothing (beta 0), so that the scale costs no pass of its own.
        return torch.addmm(later, self.kept[0].T, later, beta=0, alpha=scale)

    def from_read(self, step: int, gradient: Tensor) -> None:
        """∂y(t) = λ ∂y(t+1) + ∂read(t)."""
        later = self.from_later
        self.from_later = gradient if later is None else gradient.add_(later, alpha=self.source.decay)

    def gradients(self, to_values: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
        """∂r = Σ_b x ∘ ∂K x / B, and ∂x = (∂K + ∂K^T) x ∘ r / B + ∂y(0) P_0^T."""
        if self.to_kernel is None:
            return None, None
        values, rate = self.source.values, self.source.rate / len(self.source.values)
        through = self.to_kernel @ values
        if to_values is not None and self.from_later is not None:
            moved = torch.addcmul(to_values, torch.addmm(through, self.to_kernel.T, values), rate)
            to_values = torch.addmm(moved, self.from_later, self.trace.T)
        return to_values, (values * through).sum(0) / len(values)


class BatchGram:
    """Shared trace, changing input: inner products of all samples instead of a moved trace: with

    G[t, q] = λ^(t−1−q) e_q x(t) diag(r) x(q)^T / B, (B, B), for q < t

    the path reads λ^t x(t) P_0 + Σ_q G[t, q] g(q). P_T is as in `BatchKernel`.
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
        """x(t) P_0 of all steps, then the rows (B, t·B) of G, from the second step on."""
        values, rate, decay = self.source.values, self.source.rate, self.source.decay
        powers = values.new_tensor([decay**step for step in range(len(values))])
        self.kept = [(values * powers[:, None, None]) @ self.trace]
        pre = (values * (rate / self.batch)).flatten(0, 1)
        for step in range(1, len(values)):
            products = values[step] @ pre[: step * self.batch].T
            self.kept.append(products * self.weights(step))

    def weights(self, step: int) -> Tensor:
        """λ^(t−1−q) e_q of the columns (q, b), (t·B,)."""
        scales, decay = self.source.scales, self.source.decay
        by_step = [decay ** (step - 1 - earlier) * scales[earlier] for earlier in range(step)]
        return self.source.rate.new_tensor(by_step).repeat_interleave(self.batch)

    def read(self, step: int) -> Tensor:
        """λ^t x(t) P_0 + Σ_q G[t, q] g(q)."""
        carried = self.kept[0][step]
        return carried if not step else torch.addmm(carried, self.kept[step], self.earlier(step))

    def earlier(self, step: int) -> Tensor:
        """g of the steps before, (t·B, m)."""
        posts = self.posts[:step]
        return posts.flatten(0, 1) if isinstance(posts, Tensor) else torch.cat(list(posts))

    def write(self, step: int, posts: Posts) -> None:
        """Keep g(t)."""
        self.posts = posts

    def last_trace(self, posts: Posts) -> Tensor:
        """P(T), from g weighted by their decay."""
        assert isinstance(posts, Tensor)
        values, rate, steps = self.source.values, self.source.rate, len(posts)
        total = posts.flatten(0, 1) * self.weights(steps)[:, None]
        pre, carried = (values * rate).flatten(0, 1), self.source.decay**steps
        return torch.addmm(self.trace, pre.T, total, beta=carried, alpha=1 / self.batch)

    def resume(self, kept: list[Tensor], posts: Posts) -> None:
        """x P_0, G and g of all steps."""
        self.kept, self.posts = kept, posts

    def to_post(self, step: int) -> Tensor | None:
        """Σ_q G[q, t]^T ∂read(q) over the later steps q."""
        own = slice(step * self.batch, (step + 1) * self.batch)
        total: Tensor | None = None
        for later in range(step + 1, len(self.found)):
            part = self.kept[later][:, own].T @ self.found[later]
            total = part if total is None else total.add_(part)
        return total

    def from_read(self, step: int, gradient: Tensor) -> None:
        """Keep it."""
        self.found[step] = gradient

    def gradients(self, to_values: Tensor | None) -> tuple[Tensor | None, Tensor]:
        """With H[t, q] = λ^(t−1−q) e_q ∂read(t) g(q)^T / B and y = (H + H^T) x, rows and columns (t, b):
        ∂r = Σ x ∘ y / 2, ∂x(t) = r ∘ y(t) + λ^t ∂read(t) P_0^T."""
        values, size = self.source.values, self.batch
        one_sided = values.new_zeros(len(values) * size, len(values) * size)
        for step in range(1, len(values)):
            products = self.found[step] @ self.earlier(step).T
            own = one_sided[step * size : (step + 1) * size, : step * size]
            torch.mul(products, self.weights(step) / size, out=own)
        through = ((one_sided + one_sided.T) @ values.flatten(0, 1)).view_as(values)
        if to_values is not None:
            powers = values.new_tensor([self.source.decay**step for step in range(len(values))])
            to_values = to_values.addcmul_(through, self.source.rate)
            to_values.baddbmm_(self.found * powers[:, None, None], self.trace.T.expand(len(values), -1, -1))
        return to_values, through.mul_(values).flatten(0, 1).sum(0) / 2

"""A trace per sample, input that changes over time: exact if the clamp is not reached."""

import torch
from torch import Tensor

from hpbench.spiking.hybrid.forms.local_path import Posts, Source


class OwnGram:
    """A trace per sample: inner products of its inputs replace a (B, n, m) tensor. With

    G_b[t, q] = λ^(t−1−q) e_q x_b(t)·(r ∘ x_b(q)) for q < t, else 0, read(t) = Σ_q G_b[t, q] g_b(q).
    """

    learns = True

    def __init__(self, source: Source) -> None:
        self.source = source
        self.kept: list[Tensor] = []
        self.posts: Posts = ()
        steps, batch, _ = source.values.shape
        self.found = source.values.new_empty(steps, batch, source.neurons)

    def begin(self) -> None:
        """G, (B, T, T)."""
        own = self.source.values.transpose(0, 1)
        self.kept = [torch.bmm(own, (own * self.source.rate).mT) * self.weights()]

    def weights(self) -> Tensor:
        """λ^(t−1−q) e_q for q < t, else 0: (T, T)."""
        values, steps = self.source.values, len(self.source.scales)
        lag = torch.arange(steps, device=values.device)
        lag = lag[:, None] - 1 - lag[None, :]
        decays = torch.where(lag >= 0, values.new_tensor(self.source.decay) ** lag.clamp_min(0), 0.0)
        return decays * values.new_tensor(self.source.scales)

    def read(self, step: int) -> Tensor:
        """Σ_q G[t, q] g(q)."""
        if not step:
            return torch.zeros_like(self.found[0])
        earlier = self.posts[:step]
        rows = earlier if isinstance(earlier, Tensor) else torch.stack(list(earlier))
        return _weighted(self.kept[0][:, step, :step], rows)

    def write(self, step: int, posts: Posts) -> None:
        """Store g(t)."""
        self.posts = posts

    def last_trace(self, posts: Posts) -> None:
        """Traces of samples end with the window."""

    def resume(self, kept: list[Tensor], posts: Posts) -> None:
        """G and g of all steps."""
        self.kept, self.posts = kept, posts

    def to_post(self, step: int) -> Tensor | None:
        """Σ_q G[q, t] ∂read(q) over the later steps q."""
        later = step + 1
        return (
            _weighted(self.kept[0][:, later:, step], self.found[later:]) if later < len(self.found) else None
        )

    def from_read(self, step: int, gradient: Tensor) -> None:
        """Store it."""
        self.found[step] = gradient

    def gradients(self, to_values: Tensor | None) -> tuple[Tensor | None, Tensor]:
        """With H[t, q] = λ^(t−1−q) e_q ∂read(t)·g(q) and y = (H + H^T) x: ∂r = Σ x ∘ y / 2, ∂x = r ∘ y."""
        assert isinstance(self.posts, Tensor)
        values = self.source.values
        one_sided = torch.bmm(self.found.transpose(0, 1), self.posts.permute(1, 2, 0)) * self.weights()
        through = torch.bmm(one_sided + one_sided.mT, values.transpose(0, 1)).transpose(0, 1)
        if to_values is not None:
            to_values = to_values.addcmul_(through, self.source.rate)
        return to_values, through.mul_(values).flatten(0, 1).sum(0) / 2


def _weighted(weights: Tensor, rows: Tensor) -> Tensor:
    """Σ_q w[:, q] rows[q], (B, m), of weights (B, Q) and rows (Q, B, m)."""
    return torch.bmm(weights.unsqueeze(1), rows.transpose(0, 1)).squeeze(1)

"""A trace per sample, constant input: exact if the clamp is not reached."""

import torch
from torch import Tensor

from hpbench.spiking.hybrid.forms.local_path import Posts, Source


class OwnStatic:
    """A trace per sample, constant input: with c_b = Σ_j r_j x_bj², (B, 1), read(t) = c y(t), where
    y(t+1) = λ y(t) + e_t g(t) and y(0) = 0."""

    learns = True

    def __init__(self, source: Source) -> None:
        self.source = source
        self.kept: list[Tensor] = []
        self.from_later: Tensor | None = None
        self.to_strength = source.values.new_zeros(len(source.values), 1)

    def begin(self) -> None:
        """c and y(0)."""
        values, rate = self.source.values, self.source.rate
        strength = (values * values) @ rate.unsqueeze(1)
        self.kept = [strength, strength.new_zeros(len(values), self.source.neurons)]

    def read(self, step: int) -> Tensor:
        """c y(t)."""
        return self.kept[1 + step] * self.kept[0]

    def write(self, step: int, posts: Posts) -> None:
        """y(t+1), if another step follows."""
        if step + 1 < len(self.source.scales):
            decay, scale = self.source.decay, self.source.scales[step]
            self.kept.append(torch.add(posts[step] * scale, self.kept[1 + step], alpha=decay))

    def last_trace(self, posts: Posts) -> None:
        """Traces of samples end with the window."""

    def resume(self, kept: list[Tensor], posts: Posts) -> None:
        """c, and y of all steps."""
        self.kept = kept

    def to_post(self, step: int) -> Tensor | None:
        """e_t ∂y(t+1)."""
        return None if self.from_later is None else self.from_later * self.source.scales[step]

    def from_read(self, step: int, gradient: Tensor) -> None:
        """∂y(t) = λ ∂y(t+1) + c ∂read(t)."""
        self.to_strength += torch.linalg.vecdot(gradient, self.kept[1 + step]).unsqueeze(1)
        later, own = self.from_later, gradient.mul_(self.kept[0])
        self.from_later = own if later is None else own.add_(later, alpha=self.source.decay)

    def gradients(self, to_values: Tensor | None) -> tuple[Tensor | None, Tensor]:
        """∂r = Σ_b ∂c x², and ∂x = 2 ∂c r ∘ x."""
        values, rate = self.source.values, self.source.rate
        if to_values is not None:
            to_values = torch.addcmul(to_values, self.to_strength * rate, values, value=2)
        return to_values, ((values * values).T @ self.to_strength).squeeze(1)

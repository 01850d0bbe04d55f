"""Learning rules that need no stored window: eligibility traces, and their products with learning signals.

For neurons u_j(t) = k u_j(t−1) + c I_j(t) − reset, I_j(t) = Σ_i w_ji x_i(t) + b_j, a synapse's eligibility is

    e_ji(t) = ψ_j(t) c z_i(t),   z_i(t) = Σ_{t'≤t} k^{t−t'} x_i(t')

with the surrogate derivative ψ_j(t) at u_j(t). The gradient is Σ_t L_j(t) F(e_ji)(t), with a learning signal
L and a filter F, a sum of exponentials: F(e)(t) = Σ_r a_r Σ_{t'≤t} ρ_r^{t−t'} e(t'). Within a window neither
a tensor (B, m, n) nor z is needed, since

    Σ_t L_j(t) F(e_ji)(t) = Σ_t K*[ψ_j c F*(L_j)](t) x_i(t)

with the filters F* and K*, that of z, running backward. A long window is cut into blocks; what the earlier
ones left in z and in a filter is carried, for the filter (B, m, n) for each exponential, so that memory does
not grow with T. Sources: Bellec et al., Nat. Commun. 11:3625 (2020), e-prop; Zenke and Ganguli, Neural
Comput. 30:1514 (2018), SuperSpike. Neurons with adaptive thresholds: `adaptive_eligibility`.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.spiking.hybrid.product import product


class Exponential(NamedTuple):
    """A part a ρ^t of a filter's response: its `weight` a and `decay` ρ per step."""

    weight: float
    decay: float


Filter = tuple[Exponential, ...]


def double_exponential(rise: float, decay: float) -> Filter:
    """The filter (ρ_d^t − ρ_r^t) / (ρ_d − ρ_r), from decays per step: two exponentials one after the
    other."""
    return Exponential(decay / (decay - rise), decay), Exponential(-rise / (decay - rise), rise)


def filtered_back(values: Tensor, filter_: Filter) -> Tensor:
    """F*(v)(t) = Σ_r a_r Σ_{t'≥t} ρ_r^{t'−t} v(t'), for values (T, …)."""
    parts = []
    for weight, decay in filter_:
        one = values * weight
        for step in reversed(range(len(one) - 1 if decay else 0)):
            one[step].add_(one[step + 1], alpha=decay)
        parts.append(one)
    return parts[0] if len(parts) == 1 else torch.stack(parts).sum(0)


def outer(post: Tensor, pre: Tensor) -> Tensor:
    """Σ_b post_j pre_i, (m, n), for post (B, m) and pre (B, n)."""
    return product(post.T, pre)


class Presynaptic(NamedTuple):
    """z(t) = k z(t−1) + d_t x(t) of a block of steps, as what it is made of: no z(t) is stored.

    `values` x are (C, B, n), or (B, n) if constant, of a convolution (C, B, n, H, W) or (B, n, H, W);
    `scales` d_t are (C,); `decay` is k; `before` is z at the end of the block before, of the shape of one
    step, None for the first block. `outer` makes a gradient of the factors of samples, post (B, m, …) and
    pre (B, n, …).
    """

    values: Tensor
    scales: Tensor
    decay: float
    before: Tensor | None = None
    outer: Callable[[Tensor, Tensor], Tensor] = outer

    @property
    def constant(self) -> bool:
        """Whether the input is the same at every step."""
        return self.values.ndim in (2, 4)

    def times(self, post: Tensor) -> Tensor:
        """Σ_b Σ_t post_j(t) z_i(t), (m, n), for post (C, B, m); for others what `outer` makes of them."""
        found = self._onto_inputs(post)
        if self.constant:
            total = self.outer(found.sum(0), self.values)
        else:
            total = self.outer(found.flatten(0, 1), self.values.flatten(0, 1))
        if self.before is not None:
            total = total + self.outer(self._onto_before(post), self.before)
        return total

    def times_each(self, post: Tensor) -> Tensor:
        """Σ_t post_j(t) z_i(t) for every sample, (B, m, n)."""
        found = self._onto_inputs(post)
        if self.constant:
            total = found.sum(0).unsqueeze(2) * self.values.unsqueeze(1)
        else:
            total = torch.einsum("tbm,tbn->bmn", found, self.values)
        if self.before is not None:
            total = total + self._onto_before(post).unsqueeze(2) * self.before.unsqueeze(1)
        return total

    def after(self) -> Tensor:
        """z at the end of the block, of the shape of one step."""
        steps = len(self.scales)
        left = self.decay ** torch.arange(
            steps - 1, -1, -1, dtype=self.scales.dtype, device=self.scales.device
        )
        if self.constant:
            found = self.values * (left * self.scales).sum()
        else:
            found = torch.tensordot(left * self.scales, self.values, 1)
        return found if self.before is None else found.add_(self.before, alpha=self.decay**steps)

    def _onto_inputs(self, post: Tensor) -> Tensor:
        """What x(t) is multiplied by, in the shape of post."""
        seen = filtered_back(post, (Exponential(1.0, self.decay),))
        return seen.mul_(self.scales.view(-1, *[1] * (post.ndim - 1)))

    def _onto_before(self, post: Tensor) -> Tensor:
        """What z before the block is multiplied by, in the shape of a step of post."""
        steps = torch.arange(1, len(post) + 1, dtype=post.dtype, device=post.device)
        return torch.tensordot(self.decay**steps, post, 1)


def with_carried(
    found: Tensor, signal: Tensor, post: Tensor, pre: Presynaptic, filter_: Filter, carried: list[Tensor]
) -> Tensor:
    """A block's Σ_t L_j(t) F(e_ji)(t), (m, n), for e = post pre, from `found`, that of its own steps alone.

    `signal` L and `post` are (C, B, m). `carried`, (B, m, n) for each exponential of the filter, is what the
    steps before left in it; it is advanced to the end of the block in place.
    """
    for (weight, decay), left in zip(filter_, carried, strict=True):
        steps = len(signal)
        reach = decay ** torch.arange(1, steps + 1, dtype=signal.dtype, device=signal.device)
        found = found + weight * (torch.tensordot(reach, signal, 1).unsqueeze(2) * left).sum(0)
        onward = decay ** torch.arange(steps - 1, -1, -1, dtype=signal.dtype, device=signal.device)
        left.mul_(decay**steps).add_(pre.times_each(onward[:, None, None] * post))
    return found

"""Learning rules that need no stored window: eligibility traces, and their products with learning signals.

For neurons u_j(t) = k u_j(t−1) + c I_j(t) − reset, I_j(t) = Σ_i w_ji x_i(t) + b_j, a synapse's eligibility is

    e_ji(t) = ψ_j(t) c z_i(t),   z_i(t) = Σ_{t'≤t} k^{t−t'} x_i(t')

with the surrogate derivative ψ_j(t) at u_j(t). The gradient is Σ_t L_j(t) F(e_ji)(t), with a learning signal
L and a filter F, a sum of exponentials: F(e)(t) = Σ_r a_r Σ_{t'≤t} ρ_r^{t−t'} e(t'). Within a window it needs
no tensor (B, m, n), since

    Σ_t L_j(t) F(e_ji)(t) = Σ_t ψ_j(t) c F*(L_j)(t) z_i(t)

with the filter F* that runs backward. A long window is cut into blocks; what the earlier ones left in a
filter is then carried, (B, m, n) for each exponential, so that memory does not grow with T. Sources: Bellec
et al., Nat. Commun. 11:3625 (2020), e-prop; Zenke and Ganguli, Neural Comput. 30:1514 (2018), SuperSpike.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.spiking.hybrid.product import product


class Exponential(NamedTuple):
    """A part a ρ^t of a filter's response: its `weight` a and `decay` ρ per step."""

    weight: float
    decay: float


Filter = tuple[Exponential, ...]

PRESENT: Filter = (Exponential(1.0, 0.0),)
"""The filter that leaves a signal as it is."""


def double_exponential(rise: float, decay: float) -> Filter:
    """The filter (ρ_d^t − ρ_r^t) / (ρ_d − ρ_r), from decays per step: two exponentials one after the
    other."""
    return Exponential(decay / (decay - rise), decay), Exponential(-rise / (decay - rise), rise)


def filtered(values: Tensor, decay: float, before: Tensor | None = None) -> Tensor:
    """y(t) = ρ y(t−1) + v(t) for values (T, …), from `before`, y(−1), or 0."""
    if decay == 0:
        return values
    found = values.clone()
    if before is not None:
        found[0].add_(before, alpha=decay)
    for step in range(1, len(found)):
        found[step].add_(found[step - 1], alpha=decay)
    return found


def filtered_back(values: Tensor, filter_: Filter) -> Tensor:
    """F*(v)(t) = Σ_r a_r Σ_{t'≥t} ρ_r^{t'−t} v(t'), for values (T, …)."""
    total = torch.zeros_like(values)
    for weight, decay in filter_:
        one = values
        if decay:
            one = values.clone()
            for step in reversed(range(len(one) - 1)):
                one[step].add_(one[step + 1], alpha=decay)
        total.add_(one, alpha=weight)
    return total


class Presynaptic(NamedTuple):
    """z(t), (T, B, n); or for a constant input x, (B, n), with z(t) = `factors`(t) x."""

    values: Tensor
    factors: Tensor | None = None

    def times(self, post: Tensor) -> Tensor:
        """Σ_b Σ_t post_j(t) z_i(t), (m, n), for post (T, B, m)."""
        if self.factors is not None:
            return product(torch.tensordot(self.factors, post, 1).T, self.values)
        return product(post.flatten(0, 1).T, self.values.flatten(0, 1))

    def times_each(self, post: Tensor) -> Tensor:
        """Σ_t post_j(t) z_i(t) for every sample, (B, m, n)."""
        if self.factors is not None:
            return torch.tensordot(self.factors, post, 1).unsqueeze(2) * self.values.unsqueeze(1)
        return torch.einsum("tbm,tbn->bmn", post, self.values)


def eligible(
    signal: Tensor, post: Tensor, pre: Presynaptic, filter_: Filter, carried: list[Tensor] | None
) -> Tensor:
    """The gradient (m, n) that a block of steps adds: Σ_t L_j(t) F(e_ji)(t), for e = post pre.

    `signal` L and `post` are (T, B, m). `carried`, (B, m, n) for each exponential of the filter, is what the
    steps before left in it; it is advanced to the end of the block in place. None where nothing came before
    and nothing follows.
    """
    found = pre.times(filtered_back(signal, filter_) * post)
    if carried is None:
        return found
    for (weight, decay), left in zip(filter_, carried, strict=True):
        if not decay:
            continue
        steps = len(signal)
        reach = decay ** torch.arange(1, steps + 1, dtype=signal.dtype, device=signal.device)
        found = found + weight * (torch.tensordot(reach, signal, 1).unsqueeze(2) * left).sum(0)
        onward = decay ** torch.arange(steps - 1, -1, -1, dtype=signal.dtype, device=signal.device)
        left.mul_(decay**steps).add_(pre.times_each(onward[:, None, None] * post))
    return found


def adaptive_post(signal: Tensor, surrogate: Tensor, strength: float, decay: float) -> Tensor:
    """c_j(t), (T, B, m), with which Σ_t c_j(t) z_i(t) is the gradient for neurons with adaptive thresholds.

    Their thresholds are v_th + β a_j(t), a_j(t) = ρ a_j(t−1) + s_j(t−1). In the forward direction a synapse
    has a second eligibility, ε^a(t+1) = ψ(t) z(t) + (ρ − ψ(t) β) ε^a(t), and e(t) = ψ(t) (z(t) − β ε^a(t)).
    `signal` is L, filtered backward if F is a filter; `surrogate` ψ; `strength` β and `decay` ρ. Source:
    Bellec et al. 2020.
    """
    found = torch.empty_like(signal)
    adjoint = torch.zeros_like(signal[0])  # of ε^a(t + 1)
    for step in reversed(range(len(signal))):
        seen = signal[step] * surrogate[step]
        found[step] = seen + surrogate[step] * adjoint
        adjoint = (decay - strength * surrogate[step]) * adjoint - strength * seen
    return found

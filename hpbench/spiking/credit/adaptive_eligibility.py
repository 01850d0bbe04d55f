"""Eligibility of synapses onto neurons with adaptive thresholds v_th + β a(t), a(t) = ρ a(t−1) + s(t−1).

A synapse has a second eligibility, by which it has moved the threshold:

    e(t) = ψ(t) (z(t) − β ε(t)),   ε(t+1) = ψ(t) z(t) + (ρ − ψ(t) β) ε(t)

Run forward, both are of every synapse and sample. Gradients need only sums Σ_t G(t) e(t), and those follow
from a number per neuron that runs backward: λ(t) = −β G(t) ψ(t) + (ρ − ψ(t) β) λ(t+1), the adjoint of ε(t).
Source: Bellec et al., NeurIPS 2018, and Nat. Commun. 11:3625 (2020).
"""

from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.spiking.credit.eligibility import Filter, Presynaptic


class AdaptivePost(NamedTuple):
    """Σ_t G(t) e(t) = Σ_t `factors`(t) z(t) + `start` ε(0): (C, B, m) and (B, m)."""

    factors: Tensor
    start: Tensor


def adaptive_post(signal: Tensor, surrogate: Tensor, strength: float, decay: float) -> AdaptivePost:
    """For a signal G and ψ, (C, B, m); `strength` β and `decay` ρ."""
    found = torch.empty_like(surrogate)
    adjoint = torch.zeros_like(surrogate[0])  # of ε(t + 1)
    for step in reversed(range(len(surrogate))):
        seen = signal[step] * surrogate[step]
        torch.addcmul(seen, surrogate[step], adjoint, out=found[step])
        adjoint = (decay - strength * surrogate[step]) * adjoint - strength * seen
    return AdaptivePost(found, adjoint)


class AdaptiveBlock(NamedTuple):
    """Neurons over a block: ψ and the `scales` of their spikes' effect, (C, B, m) and (C, 1, 1); β; ρ."""

    surrogate: Tensor
    scales: Tensor
    strength: float
    decay: float

    def post(self, signal: Tensor) -> AdaptivePost:
        """For a signal onto the spikes, (C, B, m) or (C, 1, 1)."""
        return adaptive_post(signal * self.scales, self.surrogate, self.strength, self.decay)


def with_adaptive_carried(
    found: Tensor,
    signal: Tensor,
    start: Tensor,
    block: AdaptiveBlock,
    pre: Presynaptic,
    filter_: Filter,
    carried: list[Tensor],
) -> Tensor:
    """A block's Σ_t L_j(t) F(scale e_ji)(t), (m, n), from `found`, that of its own steps alone.

    `signal` L is (C, B, m), `start` that of `AdaptivePost` for F*(L). `carried`, (B, m, n) each, are ε and
    what is left in each exponential of the filter from the steps before, and are advanced in place.
    """
    second, *filters = carried
    found = found + (start.unsqueeze(2) * second).sum(0)
    steps = torch.arange(len(signal), dtype=signal.dtype, device=signal.device)
    for (weight, decay), left in zip(filter_, filters, strict=True):
        found = found + weight * (torch.tensordot(decay ** (steps + 1), signal, 1).unsqueeze(2) * left).sum(0)
        onward = block.post((decay ** steps.flip(0))[:, None, None])
        left.mul_(decay ** len(signal)).add_(pre.times_each(onward.factors))
        left.add_(onward.start.unsqueeze(2) * second)
    kept = block.decay - block.strength * block.surrogate
    later = torch.cat([kept[1:].flip(0).cumprod(0).flip(0), torch.ones_like(kept[:1])])
    second.mul_((later[0] * kept[0]).unsqueeze(2)).add_(pre.times_each(later * block.surrogate))
    return found

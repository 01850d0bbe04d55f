"""The neuron of Eqs. 2 and 6-8: one step, and its backward pass in parts.

Wu et al., Nat. Commun. 13:65 (2022); formulas and constants in `HybridParameters`. All tensors have one
shape, (B, m) or (B, C, H, W). ∂x is the gradient of the loss with respect to x, a raised membrane is u before
its reset, and "rooms" are optional output tensors.
"""

from typing import Any

import torch
from torch import Tensor

from hpbench.spiking.parameters import HybridParameters
from hpbench.spiking.surrogate import SURROGATES

Rooms = tuple[Tensor | None, Tensor | None]


def advance(
    current: Tensor, membrane: Tensor, spikes: Tensor, p: HybridParameters, rooms: Rooms = (None, None)
) -> tuple[Tensor, Tensor]:
    """Membrane before its reset and spikes, from those of the previous step; written to `rooms` if given.

    Not differentiable: the spike is a step function.
    """
    if p.reset == "subtract":
        left = torch.add(membrane, spikes, alpha=-p.threshold)
    else:
        left = torch.addcmul(membrane, membrane, spikes, value=-1)
    gained = current if p.current_gain == 1 else current * p.current_gain
    raised = torch.add(gained, left, alpha=p.membrane_decay, out=rooms[0])
    return raised, SURROGATES[p.surrogate].step(raised, p.threshold, rooms[1])


def through_spike(from_spikes: Tensor, raised: Tensor, p: HybridParameters) -> Tensor:
    """The part of ∂u that comes from the spikes, through the surrogate."""
    return SURROGATES[p.surrogate].pull(from_spikes, raised, p.threshold)


def reset_to_spikes(onto: Tensor, later: Tensor, raised: Tensor, p: HybridParameters) -> Tensor:
    """∂s plus the part that comes from the next step's ∂u, `later`, through the reset of u by s."""
    if p.reset == "subtract":
        return torch.add(onto, later, alpha=-p.membrane_decay * p.threshold)
    return torch.addcmul(onto, later, raised, value=-p.membrane_decay)


def reset_to_membrane(onto: Tensor, later: Tensor, spikes: Tensor, p: HybridParameters) -> Tensor:
    """∂u plus the part that comes from the next step, as in `reset_to_spikes`."""
    kept = torch.add(onto, later, alpha=p.membrane_decay)
    return kept if p.reset == "subtract" else torch.addcmul(kept, later, spikes, value=-p.membrane_decay)


class _Fire(torch.autograd.Function):
    """One step in few operations; its backward can be differentiated again."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, current: Tensor, membrane: Tensor, spikes: Tensor, p: HybridParameters
    ) -> tuple[Tensor, Tensor]:
        raised, fired = advance(current, membrane, spikes, p)
        ctx.p = p
        # Save outputs and inputs only: other tensors would be constants when the backward is differentiated.
        ctx.save_for_backward(raised, membrane, spikes)
        return raised, fired

    @staticmethod
    def backward(  # type: ignore[override]
        ctx: Any, from_raised: Tensor, from_spikes: Tensor
    ) -> tuple[Tensor | None, ...]:
        p, (raised, membrane, spikes) = ctx.p, ctx.saved_tensors
        gradient = through_spike(from_spikes, raised, p) + from_raised
        nothing = torch.zeros_like(gradient)
        to_membrane = reset_to_membrane(nothing, gradient, spikes, p)
        return gradient * p.current_gain, to_membrane, reset_to_spikes(nothing, gradient, membrane, p), None


def fire(current: Tensor, membrane: Tensor, spikes: Tensor, p: HybridParameters) -> tuple[Tensor, Tensor]:
    """One step of the neuron: membrane before its reset and spikes, differentiable through the surrogate."""
    membrane, spikes = _Fire.apply(current, membrane, spikes, p)
    return membrane, spikes

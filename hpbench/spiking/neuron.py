"""The neuron of Eqs. 2 and 6-8: one step, and its adjoint in two parts.

Wu et al., Nat. Commun. 13:65 (2022); formulas and constants in `HybridParameters`. All tensors are of one
shape, (B, m) or (B, C, H, W).
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
    """Membrane before its reset, and spikes, from those of the step before; written into `rooms` if given.

    Not differentiable: the spike is the bare step.
    """
    if p.reset == "subtract":
        left = torch.add(membrane, spikes, alpha=-p.threshold)
    else:
        left = torch.addcmul(membrane, membrane, spikes, value=-1)
    gained = current if p.current_gain == 1 else current * p.current_gain
    raised = torch.add(gained, left, alpha=p.membrane_decay, out=rooms[0])
    return raised, SURROGATES[p.surrogate].step(raised, p.threshold, rooms[1])


def through_spike(
    from_raised: Tensor | None, from_spikes: Tensor, raised: Tensor, p: HybridParameters
) -> Tensor:
    """∂u: the gradient of the raised membrane, its own and what comes through the surrogate."""
    through = SURROGATES[p.surrogate].pull(from_spikes, raised, p.threshold)
    return through if from_raised is None else through + from_raised


def through_reset(
    gradient: Tensor,
    before: tuple[Tensor, Tensor] | None,
    p: HybridParameters,
    onto: tuple[Tensor | None, Tensor | None] = (None, None),
) -> tuple[Tensor, Tensor]:
    """From ∂u, those of membrane and spikes of the step before, added to gradients that these have already.

    `before` is that membrane and those spikes; only a reset to zero needs them.
    """
    decay, (membrane, spikes) = p.membrane_decay, onto
    if p.reset == "subtract":
        return _added(membrane, gradient, decay), _added(spikes, gradient, -decay * p.threshold)
    assert before is not None
    raised, fired = before
    to_membrane = torch.addcmul(gradient, gradient, fired, value=-1)
    return _added(membrane, to_membrane, decay), _added(spikes, gradient * raised, -decay)


def _added(onto: Tensor | None, gradient: Tensor, scale: float) -> Tensor:
    return gradient * scale if onto is None else torch.add(onto, gradient, alpha=scale)


class _Fire(torch.autograd.Function):
    """One step in few operations; its backward can be differentiated again."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, current: Tensor, membrane: Tensor, spikes: Tensor, p: HybridParameters
    ) -> tuple[Tensor, Tensor]:
        raised, fired = advance(current, membrane, spikes, p)
        ctx.p = p
        # Outputs and inputs only: anything else would be cut off when the backward is differentiated.
        ctx.save_for_backward(raised, *(() if p.reset == "subtract" else (membrane, spikes)))
        return raised, fired

    @staticmethod
    def backward(  # type: ignore[override]
        ctx: Any, from_raised: Tensor, from_spikes: Tensor
    ) -> tuple[Tensor | None, ...]:
        raised, *before = ctx.saved_tensors
        gradient = through_spike(from_raised, from_spikes, raised, ctx.p)
        to_current = gradient if ctx.p.current_gain == 1 else gradient * ctx.p.current_gain
        return to_current, *through_reset(gradient, (before[0], before[1]) if before else None, ctx.p), None


def fire(current: Tensor, membrane: Tensor, spikes: Tensor, p: HybridParameters) -> tuple[Tensor, Tensor]:
    """One step of the neuron: membrane before its reset, and spikes, differentiable by the surrogate."""
    membrane, spikes = _Fire.apply(current, membrane, spikes, p)
    return membrane, spikes

"""A layer's neurons over a window, from what arrives to the times of their spikes, and the adjoint.

Inputs arrive at the beginning of steps, between which membranes are known in closed form; a spike has its
exact time g + s, with s the offset from the beginning of step g: in [0, 1], or down to −1 for a neuron that
was lifted over the threshold by what arrived. The adjoint runs backward from step to step, too:

    λ_v ← α λ_v,   λ_i ← β λ_v + γ λ_i                                   a step without spike
    λ_v ← −E e^(−s/τ_m) / v',   λ_i ← γ λ_i + λ_v ∂v(1)/∂i_0 − E k(s) / v'      a step with a spike at s
    E = ∂L/∂s + λ_v ∂v(1)/∂s

Here λ_v and λ_i are ∂L/∂v and ∂L/∂i at the beginning of a step, the adjoint variables of Wunderlich and Pehle
(Sci. Rep. 11:12829, 2021) times −τ_m and −τ_s, and −1/v' times (e^(−s/τ_m), k(s)) is by the implicit function
theorem the derivative of s with respect to v_0 and i_0. For a neuron that fires once, λ before its spike
comes from ∂L/∂s as in SpikeProp. Nothing is kept but s, v' and i of every spike.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from hpbench.spiking.spike_times.membrane import Membrane, crosses, crossing, may_cross, over_step


class Fired(NamedTuple):
    """Spikes (T, B, m), 0 or 1, their offsets from its beginning, and membranes at the ends of steps.

    Offsets are 0 where there is no spike. Membranes are (T, B, m), or (0, B, m) if they are not kept.
    """

    spikes: Tensor
    offsets: Tensor
    membranes: Tensor


class _Spikes(NamedTuple):
    """The spikes of a step: places in (B · m,), offsets, 1/v' of the gradient, and i at the spike."""

    places: Tensor
    offsets: Tensor
    inverse: Tensor
    currents: Tensor


def fired(currents: Tensor, voltages: Tensor | None, m: Membrane, *, late: int, keep: bool) -> Fired:
    """What neurons do with what their inputs add to i and v, each (C, B, m), at the beginning of steps.

    The window has T = C + `late` steps, in the first of which nothing arrives. `keep` the membranes. Spikes
    have no gradient; offsets have that of the spike times, with slopes from `m.slope_floor` upward.
    """
    return Fired(*_Neurons.apply(currents, voltages, m, late, keep))


class _Neurons(torch.autograd.Function):
    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, currents: Tensor, voltages: Tensor | None, m: Membrane, late: int, keep: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        found, ctx.spikes = _run(currents, voltages, m, late, keep)
        ctx.m, ctx.late, ctx.shape = m, late, currents.shape
        ctx.mark_non_differentiable(found.spikes)
        return tuple(found)  # type: ignore[return-value]

    @staticmethod
    def backward(  # type: ignore[override]
        ctx: Any, _: Tensor, to_offsets: Tensor, to_membranes: Tensor
    ) -> tuple[Tensor | None, ...]:
        arrived = ctx.needs_input_grad[1]
        return *_adjoint(ctx.spikes, to_offsets, to_membranes, ctx, arrived), None, None, None


def _run(
    currents: Tensor, voltages: Tensor | None, m: Membrane, late: int, keep: bool
) -> tuple[Fired, list[_Spikes]]:
    alpha, beta, gamma = over_step(m)
    count, shape = len(currents) + late, currents.shape[1:]
    spikes, offsets = currents.new_zeros(2, count, *shape)
    membranes = currents.new_empty(count if keep else 0, *shape)
    v, i = currents.new_zeros(2, *shape)
    waiting = torch.ones(shape, dtype=torch.bool, device=currents.device)
    kept = []
    for step in range(count):
        if step >= late:
            i = i + currents[step - late]
            if voltages is not None:
                v = v + voltages[step - late]
        end = alpha * v + beta * i
        if m.fires:
            found = _fire(v, i, end, waiting, m)
            kept.append(found)
            spikes[step].view(-1)[found.places] = 1
            offsets[step].view(-1)[found.places] = found.offsets
            if m.reset:
                end.view(-1)[found.places] = found.currents * m.response(1 - found.offsets)
            else:
                waiting.view(-1)[found.places] = False
        v, i = end, gamma * i
        if keep:
            membranes[step] = v
    return Fired(spikes, offsets, membranes), kept


def _fire(v: Tensor, i: Tensor, end: Tensor, waiting: Tensor, m: Membrane) -> _Spikes:
    """The spikes of a step that begins with v and i, (B, m), of neurons that may fire."""
    places = (may_cross(v, i, end, m) & waiting).view(-1).nonzero().squeeze(1)
    v, i = v.reshape(-1)[places], i.reshape(-1)[places]
    sure = crosses(v, i, m)
    places, v, i = places[sure], v[sure], i[sure]
    offsets = crossing(v, i, m)
    currents = i * m.left(offsets)
    slope = m.slope(m.voltage(v, i, offsets), currents)
    # Lifted over the threshold and already falling: no change of its time is in sight.
    inverse = (slope > 0) / slope.clamp(min=m.slope_floor)
    return _Spikes(places, offsets, inverse, currents)


def _adjoint(
    kept: list[_Spikes], to_offsets: Tensor, to_membranes: Tensor, ctx: Any, arrived: bool
) -> tuple[Tensor, Tensor | None]:
    """∂L/∂ what arrives in i and, if any `arrived` there, in v."""
    m, late, shape = ctx.m, ctx.late, ctx.shape
    alpha, beta, gamma = over_step(m)
    to_currents = to_offsets.new_empty(shape)
    to_voltages = to_offsets.new_empty(shape) if arrived else None
    of_v, of_i = to_offsets.new_zeros(2, *shape[1:])
    for step in reversed(range(late, len(to_offsets))):
        if len(to_membranes):
            of_v = of_v + to_membranes[step]
        before_v, before_i = alpha * of_v, torch.add(gamma * of_i, of_v, alpha=beta)
        if m.fires and len(kept[step].places):
            one = kept[step]
            error = to_offsets[step].reshape(-1)[one.places]
            if m.reset:
                error, carried = _through_reset(one, error, of_v, m)
                before_i.view(-1)[one.places] = gamma * of_i.view(-1)[one.places] + carried
                before_v.view(-1)[one.places] = 0
            error = error * one.inverse
            before_v.view(-1)[one.places] -= error * m.leak(one.offsets)
            before_i.view(-1)[one.places] -= error * m.response(one.offsets)
        of_v, of_i = before_v, before_i
        to_currents[step - late] = of_i
        if to_voltages is not None:
            to_voltages[step - late] = of_v
    return to_currents, to_voltages


def _through_reset(one: _Spikes, error: Tensor, of_v: Tensor, m: Membrane) -> tuple[Tensor, Tensor]:
    """E, and λ_v ∂v(1)/∂i_0 for a given s: after a reset v(1) = i_0 e^(−s/τ_s) k(1 − s)."""
    later = of_v.view(-1)[one.places]
    rest = 1 - one.offsets
    response = m.response(rest)
    falls = (m.left(rest) - response) / m.membrane_tau + response / m.synapse_tau
    return error - later * one.currents * falls, later * response * m.left(one.offsets)

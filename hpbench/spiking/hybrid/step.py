"""One step of an HP layer in torch's operations, forward and backward: all that it does to each neuron.

This is the reference for the kernels that `hpbench.spiking.fused.step` calls, which have the same results to
the last bit. Tensors are (B, m), those of neurons (m,). What is None does not take part. Notation as in
`HybridParameters`; ∂x is the gradient of the loss with respect to x.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.spiking import neuron
from hpbench.spiking.parameters import HybridParameters


class Ahead(NamedTuple):
    """The feed-forward current b + d_t W x: b, (m,); W x; d_t."""

    bias: Tensor
    values: Tensor
    scale: float


class Local(NamedTuple):
    """The local current α e_t read: α, one or (m,); read = P(t−1)^T x(t); e_t."""

    alpha: Tensor
    read: Tensor
    scale: float


def current_of(ahead: Ahead, local: Local | None) -> Tensor:
    """The current, without that of recurrent connections."""
    current = torch.add(ahead.bias, ahead.values, alpha=ahead.scale)
    return current if local is None else torch.addcmul(current, local.alpha, local.read, value=local.scale)


class Given(NamedTuple):
    """What the adjoint of a step is computed from: ∂s(t) from later layers; ∂u(t+1); u(t) and s(t); from the
    local path ∂(u/v_th) and ∂s(t); ∂u(t) from later layers."""

    from_spikes: Tensor
    later: Tensor | None
    membrane: Tensor
    spikes: Tensor
    inner: Tensor | None
    fired: Tensor | None
    from_membrane: Tensor | None


def adjoint(
    p: HybridParameters,
    given: Given,
    scale: float,
    to_ahead: Tensor,
    adds: bool,
    gain: Tensor | None,
    recurrent: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor | None]:
    """∂u(t), ∂I(t), and with the `gain` α e_t, one or (m,), ∂read(t).

    That of W x, `scale` d_t times ∂I, is added or written to `to_ahead`. `recurrent` are weights, (m, m).
    """
    to_spikes, later, membrane, spikes, inner, fired, from_membrane = given
    if later is not None:
        to_spikes = neuron.reset_to_spikes(to_spikes, later, membrane, p)
        if recurrent is not None:
            to_spikes = torch.addmm(to_spikes, later, recurrent, alpha=p.current_gain)
    if fired is not None:
        to_spikes = to_spikes + fired
    to_membrane = neuron.through_spike(to_spikes, membrane, p)
    if later is not None:
        to_membrane = neuron.reset_to_membrane(to_membrane, later, spikes, p)
    if inner is not None:
        to_membrane = torch.add(to_membrane, inner, alpha=1 / p.threshold)
    if from_membrane is not None:
        to_membrane = to_membrane + from_membrane
    to_current = to_membrane if p.current_gain == 1 else to_membrane * p.current_gain
    torch.add(to_ahead if adds else torch.zeros_like(to_ahead), to_current, alpha=scale, out=to_ahead)
    return to_membrane, to_current, None if gain is None else to_current * gain

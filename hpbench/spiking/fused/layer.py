"""A layer without a local path over a window, by the kernels: time loop and adjoint, one call each."""

import ctypes
from functools import cache

import torch
from torch import Tensor

from hpbench.spiking.fused.library import constants, kernel
from hpbench.spiking.parameters import HybridParameters


def forward(
    p: HybridParameters, steps: int, bias: Tensor, ahead: Tensor, *, keep: bool
) -> tuple[Tensor, Tensor]:
    """Spikes (T, B, m), and membranes, (T, B, m) if `keep`, else (1, B, m) of the last step.

    `ahead`, W x, is (T, B, m), or (B, m) if constant; the bias (m,).
    """
    shape = ahead.shape[-2:]
    spikes = ahead.new_empty(steps, *shape)
    membranes = ahead.new_empty(steps if keep else 1, *shape)
    kernel("layer_forward", ahead)(
        *_shown(p, steps, bias, ahead), keep, membranes.data_ptr(), spikes.data_ptr()
    )
    return spikes, membranes


def backward(
    p: HybridParameters,
    steps: int,
    bias: Tensor,
    ahead: Tensor,
    from_spikes: Tensor | None,
    from_membranes: Tensor | None,
    *,
    keep: bool,
) -> tuple[Tensor, Tensor]:
    """Gradients of `ahead` and of the bias. Membranes are computed once more."""
    given = [None if one is None else one.contiguous() for one in (from_spikes, from_membranes)]
    to_currents = ahead.new_empty(ahead.shape[-2:])
    to_ahead = torch.empty_like(ahead)
    kernel("layer_backward", ahead)(
        *_shown(p, steps, bias, ahead),
        keep,
        *(None if one is None else one.data_ptr() for one in given),
        to_currents.data_ptr(),
        to_ahead.data_ptr(),
    )
    return to_ahead, to_currents.sum(0)


def _shown(p: HybridParameters, steps: int, bias: Tensor, ahead: Tensor) -> tuple[object, ...]:
    """The layer as the kernels take it."""
    rows, width = ahead.shape[-2:]
    stride = 0 if ahead.ndim == 2 else rows * width
    return constants(p), rows, width, steps, bias.data_ptr(), ahead.data_ptr(), stride, _scales(p, steps)


@cache
def _scales(p: HybridParameters, steps: int) -> ctypes.Array[ctypes.c_double]:
    return (ctypes.c_double * steps)(*(p.weight_scale(step) for step in range(steps)))

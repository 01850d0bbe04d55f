"""Neurons with given currents over a window, by the kernels: the time loop and its adjoint, one call each."""

import torch
from torch import Tensor

from hpbench.spiking.fused.library import constants, kernel
from hpbench.spiking.parameters import HybridParameters


def forward(currents: Tensor, steps: int, p: HybridParameters) -> Tensor:
    """Spikes (T, …) of currents (T, …), or (1, …) if constant."""
    currents = currents.contiguous()
    spikes = currents.new_empty((steps, *currents.shape[1:]))
    kernel("window_forward", currents)(constants(p), *_shown(currents, steps), spikes.data_ptr())
    return spikes


def backward(gradient: Tensor, currents: Tensor, steps: int, p: HybridParameters) -> Tensor:
    """The gradient of the currents from that of the spikes, (T, …). Membranes are computed once more."""
    currents = currents.contiguous()
    stride = gradient.stride(0) if gradient[0].is_contiguous() else None
    if stride is None or steps == 1:
        gradient, stride = gradient.contiguous(), currents[0].numel()
    pulled = torch.empty_like(currents)
    kernel("window_backward", currents)(
        constants(p), *_shown(currents, steps), gradient.data_ptr(), stride, pulled.data_ptr()
    )
    return pulled


def _shown(currents: Tensor, steps: int) -> tuple[int, bool, int, int]:
    """The currents as the kernels take them: whether constant, number of steps, neurons."""
    return currents.data_ptr(), len(currents) == 1, steps, currents[0].numel()

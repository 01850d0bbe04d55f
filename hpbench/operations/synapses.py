"""Counts of synaptic operations: synapses that a layer's inputs reach, as accumulates or with products.

The one definition is that of NeuroBench (Yik et al., Nat. Commun. 16:1545, 2025): each input other than 0
costs one operation at every weight that it meets, whatever its value.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv1d, conv2d, conv3d

_CONVOLUTIONS: dict[int, Any] = {1: conv1d, 2: conv2d, 3: conv3d}


def reached(values: Tensor, convolution: torch.nn.Conv1d | torch.nn.Conv2d | torch.nn.Conv3d) -> int:
    """Inputs (B, C, …) other than 0, over one to three axes of places, times the weights that they meet.

    A weight meets an input at each place that its kernel is put to. Padding is no input.
    """
    seen = (values != 0).sum(1, keepdim=True).to(convolution.weight.dtype)
    ones = seen.new_ones(1, 1, *convolution.kernel_size)
    met = _CONVOLUTIONS[len(convolution.kernel_size)](
        seen,
        ones,
        stride=convolution.stride,
        padding=convolution.padding,
        dilation=convolution.dilation,
    )
    return round(float(met.double().sum())) * (convolution.out_channels // convolution.groups)


def are_spikes(values: Tensor) -> bool:
    """Whether all values are 0, 1 or -1, so that weights are only added or subtracted.

    Numbers of events above 1 are no spikes: a weight is multiplied by them.
    """
    return bool(((values == 0) | (values.abs() == 1)).all())


def needed(met: int, spikes: bool) -> tuple[int, int]:
    """`met` operations as (accumulates, multiply-accumulates): spikes add a weight, values scale it."""
    return (met, 0) if spikes else (0, met)


def silence(outputs: Tensor) -> int:
    """Outputs that are 0: pairs of a neuron and a step without a spike."""
    return outputs.numel() - int(outputs.count_nonzero())

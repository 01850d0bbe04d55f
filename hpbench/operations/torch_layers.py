"""Operations of PyTorch's own layers, taken to be followed by a ReLU: an output below 0 is silent."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from hpbench.operations.layer import Layer, Operations
from hpbench.operations.synapses import are_spikes, needed, reached


def of_linear(linear: torch.nn.Linear, output: Tensor, values: Tensor) -> Operations:
    """One pass of values (B, n) to (B, m)."""
    accumulates, multiply_accumulates = needed(
        int(values.count_nonzero()) * linear.out_features, are_spikes(values)
    )
    return Operations(
        samples=len(values),
        dense=values.numel() * linear.out_features,
        accumulates=accumulates,
        multiply_accumulates=multiply_accumulates,
        silent=int((output <= 0).sum()),
        neuron_steps=output.numel(),
    )


def of_convolution(convolution: torch.nn.Conv2d, output: Tensor, values: Tensor) -> Operations:
    """One pass of values (B, C, H, W)."""
    return Operations(
        samples=len(values),
        dense=reached(torch.ones_like(values), convolution),
        multiply_accumulates=reached(values != 0, convolution),
        silent=int((output <= 0).sum()),
        neuron_steps=output.numel(),
        places=True,
    )


def counter(module: torch.nn.Module) -> Callable[..., Operations] | None:
    """What counts a pass of the module, called as `Layer.operations`; None if it is no layer."""
    if isinstance(module, Layer):
        return module.operations
    if isinstance(module, torch.nn.Linear):
        return partial(of_linear, module)
    if isinstance(module, torch.nn.Conv2d):
        return partial(of_convolution, module)
    return None

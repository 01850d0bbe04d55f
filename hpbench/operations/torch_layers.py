"""Synaptic operations of layers that do not count for themselves: those of PyTorch, recurrent ones of Norse.

Their counts are of one call, which may be a step of many; only a measurement knows for how many samples.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from hpbench.operations.layer import Layer, Operations
from hpbench.operations.neurons import activity, outputs_of
from hpbench.operations.synapses import are_spikes, needed, reached

Convolution = torch.nn.Conv1d | torch.nn.Conv2d | torch.nn.Conv3d


def of_linear(linear: torch.nn.Linear, output: Tensor, input: Tensor) -> Operations:
    """One call with inputs (…, n), outputs (…, m)."""
    accumulates, multiply_accumulates = needed(
        int(input.count_nonzero()) * linear.out_features, are_spikes(input)
    )
    return Operations(
        dense=input.numel() * linear.out_features,
        accumulates=accumulates,
        multiply_accumulates=multiply_accumulates,
    )


def of_convolution(convolution: Convolution, output: Tensor, input: Tensor) -> Operations:
    """One call with inputs (B, C, …) over one, two or three axes of places."""
    accumulates, multiply_accumulates = needed(reached(input, convolution), are_spikes(input))
    return Operations(
        dense=reached(torch.ones_like(input), convolution),
        accumulates=accumulates,
        multiply_accumulates=multiply_accumulates,
        places=True,
    )


def of_norse_recurrence(neurons: Any, result: Any, input_tensor: Tensor, state: Any = None) -> Operations:
    """One call of Norse's recurrent neurons, a step (B, n) or a window (T, B, n).

    At each step the input and the spikes of the step before meet their weights, those of no neuron its own.
    """
    spikes, size = result[0], len(neurons.recurrent_weights)
    window = spikes.unsqueeze(0) if spikes.ndim == 2 else spikes
    first = torch.zeros_like(window[0]) if state is None else state.z
    before = torch.cat([first.unsqueeze(0), window[:-1]])
    reach = size if neurons.autapses else size - 1
    entering = needed(int(input_tensor.count_nonzero()) * size, are_spikes(input_tensor))
    within = needed(int(before.count_nonzero()) * reach, are_spikes(before))
    return outputs_of(result) + Operations(
        dense=input_tensor.numel() * size + before.numel() * reach,
        accumulates=entering[0] + within[0],
        multiply_accumulates=entering[1] + within[1],
    )


def as_rectified(output: Tensor) -> Operations:
    """Activity of a layer as if a ReLU came next: an output of 0 or less is silent."""
    return Operations(silent=int((output <= 0).sum()), neuron_steps=output.numel())


def rows(module: torch.nn.Linear | Convolution, output: Tensor) -> int:
    """How many inputs a call had: samples, or samples times steps."""
    return output[..., 0].numel() if isinstance(module, torch.nn.Linear) else len(output)


def counter(module: torch.nn.Module) -> Callable[..., Operations] | None:
    """What counts a pass of the module, called as `Layer.operations`; None if it is no layer."""
    if isinstance(module, Layer):
        return module.operations
    if isinstance(module, torch.nn.Linear):
        return partial(of_linear, module)
    if isinstance(module, Convolution):
        return partial(of_convolution, module)
    if activity(module) is outputs_of and hasattr(module, "recurrent_weights"):
        return partial(of_norse_recurrence, module)
    return None

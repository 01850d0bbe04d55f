"""Where a network has its spikes: neurons known by their type, and a marker for all others."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hpbench.operations.layer import Neurons, Operations
from hpbench.operations.synapses import silence


class Spikes(torch.nn.Module):
    """Marks spikes: returns its input unchanged, and a measurement counts the zeros in it.

    For neurons that are no module of their own, such as a function called at every step. Spikes have any
    shape; each element is a pair of a neuron and a step. They are those of the synapses used last before.
    """

    def forward(self, spikes: Tensor) -> Tensor:
        """The spikes themselves."""
        return spikes

    def activity(self, result: Tensor, spikes: Tensor) -> Operations:
        """Pairs of a neuron and a step, and those without a spike."""
        return outputs_of(result)


def outputs_of(result: Any, *inputs: Any, **named: Any) -> Operations:
    """Activity of neurons that return their outputs, or outputs and a state."""
    outputs = result[0] if isinstance(result, tuple) else result
    return Operations(silent=silence(outputs), neuron_steps=outputs.numel())


_SPIKING = (
    "norse.torch.module.snn.SNNCell",
    "norse.torch.module.snn.SNN",
    "norse.torch.module.snn.SNNRecurrentCell",
    "norse.torch.module.snn.SNNRecurrent",
    "snntorch._neurons.neurons.SpikingNeuron",
)
"""Base classes of neurons, by name, so that nothing is imported for networks that do not use them."""

_WITHOUT_SPIKES = (
    "norse.torch.module.leaky_integrator.LICell",
    "norse.torch.module.leaky_integrator.LI",
    "norse.torch.module.leaky_integrator_box.LIBoxCell",
)
"""Classes among them that return a membrane, not spikes."""


def activity(module: torch.nn.Module) -> Callable[..., Operations] | None:
    """What counts the activity of a module, called as `Neurons.activity`; None if it is no group of neurons.

    Neurons are modules with a method `activity`, ReLU, and the spiking neurons of Norse and snnTorch.
    """
    if isinstance(module, Neurons):
        return module.activity
    names = [f"{one.__module__}.{one.__qualname__}" for one in type(module).__mro__]
    spiking = any(one in _SPIKING for one in names) and not any(one in _WITHOUT_SPIKES for one in names)
    return outputs_of if spiking or isinstance(module, torch.nn.ReLU) else None

"""A fixed random layer of spiking neurons that expands features."""

import torch
from torch import Tensor

from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.parameters import HybridParameters
from hpbench.spiking.window import Window

NEURON = HybridParameters(membrane_decay=1.0)
"""The neuron of the `release` dialect without its leak: spike counts then resolve the current more finely."""

_CURRENT = 0.1
"""Standard deviation of the current into a neuron, in membrane units: 0.29 of the threshold."""


class SpikingExpansion(torch.nn.Module):
    """`neurons` integrate-and-fire neurons with random weights that never change.

    Each has `fan_in` inputs (all, if there are fewer) with weights that sum to 0, drawn from a generator
    seeded by `seed`. A sample's input is scaled so that its mean over time has unit length: the current into
    a neuron then has the same spread for every data set. Takes a Window of any size n, or values (B, n) as a
    constant current over `steps` steps; returns the Window of its spikes, (T, B, neurons).
    """

    def __init__(self, inputs: int, neurons: int, fan_in: int, steps: int, seed: int) -> None:
        super().__init__()
        self.steps = steps
        self.layer = HybridWindow(HybridCell(inputs, neurons, NEURON, local=False), keep_membranes=False)
        generator = torch.Generator().manual_seed(seed)
        fan_in = min(fan_in, inputs)
        chosen = torch.rand(neurons, inputs, generator=generator).argsort(1)[:, :fan_in]
        drawn = torch.randn(neurons, fan_in, generator=generator)
        drawn -= drawn.mean(1, keepdim=True)
        linear = self.layer.cell.linear
        with torch.no_grad():
            linear.bias.zero_()
            linear.weight.zero_().scatter_(1, chosen, drawn * _CURRENT * (inputs / fan_in) ** 0.5)
        self.requires_grad_(False).eval()

    @torch.no_grad()
    def forward(self, seen: Window | Tensor) -> Window:
        """Spikes of the layer."""
        window = seen if isinstance(seen, Window) else Window(seen.flatten(1), self.steps)
        mean = window.values if window.static_steps else window.values.mean(0)
        length = mean.norm(dim=1, keepdim=True).clamp(min=1e-12)
        return Window(self.layer(window._replace(values=window.values / length)).spikes)

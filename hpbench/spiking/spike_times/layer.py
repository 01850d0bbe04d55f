"""A dense layer whose spikes have exact times: synapses and neurons over a window."""

import torch
from torch import Tensor

from hpbench.operations.layer import Operations
from hpbench.operations.synapses import are_spikes, needed, silence
from hpbench.spiking.hybrid.synapses import fed_forward
from hpbench.spiking.spike_times.membrane import Membrane
from hpbench.spiking.spike_times.neurons import Fired, fired
from hpbench.spiking.window import Window


class SpikeTimeLayer(torch.nn.Module):
    """Weights (m, n) without biases, and neurons `m`.

    An input of the network is a spike of the strength x at the beginning of its step; a constant one is a
    spike of x (1 − e^(−1/τ_s)) at every step, which keeps up a current of W x. A spike of a layer before,
    with its offset, counts from the beginning of the next step on, with its exact time: of its age a at that
    moment, w e^(−a/τ_s) of its current is left, and it has moved the membrane by w k(a).
    """

    def __init__(self, inputs: int, neurons: int, m: Membrane, *, keep_membranes: bool = False) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(inputs, neurons, bias=False)
        self.m = m
        self.keep_membranes = keep_membranes

    def forward(self, window: Window, offsets: Tensor | None = None) -> Fired:
        """Spikes from inputs of the network, or from spikes (T, B, n) and their `offsets`."""
        if offsets is None:
            strength = self.m.gain * (self.m.refill if window.static_steps else 1)
            currents = fed_forward(window.values * strength, self.linear.weight)
            if window.static_steps:
                currents = currents.expand(window.static_steps, *currents.shape)
            return fired(currents, None, self.m, late=0, keep=self.keep_membranes)
        strengths, age = window.values[:-1] * self.m.gain, 1 - offsets[:-1]
        left = torch.cat([strengths * self.m.left(age), strengths * self.m.response(age)])
        currents, voltages = fed_forward(left, self.linear.weight).chunk(2)
        return fired(currents, voltages, self.m, late=1, keep=self.keep_membranes)

    def operations(self, result: Fired, window: Window, offsets: Tensor | None = None) -> Operations:
        """Of one pass: a spike costs an accumulate at each synapse, at whatever time it comes."""
        meetings = (window.static_steps or 1) * self.linear.out_features
        accumulates, multiply_accumulates = needed(
            int(window.values.count_nonzero()) * meetings, are_spikes(window.values)
        )
        return Operations(
            samples=window.batch,
            dense=window.values.numel() * meetings,
            accumulates=accumulates,
            multiply_accumulates=multiply_accumulates,
            silent=silence(result.spikes),
            neuron_steps=result.spikes.numel(),
        )

"""Encoding of real-valued inputs as currents or spikes over time."""

import torch
from norse.torch import PoissonEncoder, SpikeLatencyLIFEncoder

from hpbench.spiking.choices import FRAMES
from hpbench.spiking.window import Window

_LATENCY_GAIN = 10.0
"""Norse's LIF encoder has threshold 1 and never fires on a current below 1, so intensities are scaled up."""


class Encoder(torch.nn.Module):
    """Inputs (B, …) in [0, 1] to a window of `steps` steps of 1 ms; (B, T, …) under the encoding `frames`.

    `direct`: the value as a constant current. `poisson`: Norse's Poisson spikes, at `max_rate` Hz for the
    value 1, with the gradient of their expected number. `latency`: Norse's LIF encoder, first spike only,
    without a gradient; larger values spike earlier.
    """

    def __init__(self, encoding: str, steps: int, max_rate: float) -> None:
        super().__init__()
        self.encoding = encoding
        self.steps = steps
        self.spikes: torch.nn.Module | None = None
        self.spikes_per_step = max_rate / 1000  # for the value 1
        if encoding == "poisson":
            self.spikes = PoissonEncoder(steps, f_max=max_rate)
        elif encoding == "latency":
            self.spikes = SpikeLatencyLIFEncoder(steps)

    def forward(self, inputs: torch.Tensor) -> Window:
        """The encoded batch."""
        if self.encoding == FRAMES:
            return Window(inputs.transpose(0, 1))
        if self.spikes is None:
            return Window(inputs, static_steps=self.steps)
        gain = _LATENCY_GAIN if self.encoding == "latency" else 1.0
        spikes = self.spikes(inputs.detach() * gain).to(inputs.dtype)
        if inputs.requires_grad and self.encoding == "poisson":
            expected = inputs * self.spikes_per_step
            spikes = spikes + (expected - expected.detach())
        return Window(spikes)

"""Encoding of real-valued inputs as currents or spikes over time."""

from typing import Any

import torch

from hpbench.spiking.choices import FRAMES
from hpbench.spiking.codes.code import Code
from hpbench.spiking.codes.table import CODES
from hpbench.spiking.window import Window


class Encoder(torch.nn.Module):
    """Inputs (B, …) in [0, 1] to a window of `steps` steps of 1 ms, by a code of `hpbench.spiking.codes`.

    `encoding` is a code's name, and `settings` are those of the code's dataclass; rate codes have `max_rate`
    in Hz for the value 1. Under the code delta inputs are sequences (B, T, …); under the encoding `frames`
    they are such sequences, shown as they are.
    """

    def __init__(self, encoding: str, steps: int, max_rate: float, **settings: Any) -> None:
        super().__init__()
        self.encoding = encoding
        self.steps = steps
        self.code: Code | None = None
        if encoding != FRAMES:
            kind = CODES[encoding]
            rate = {"max_rate": max_rate} if hasattr(kind, "max_rate") else {}
            self.code = kind(**rate, **settings)

    @property
    def widening(self) -> int:
        """Number of inputs of the network for one value at one step."""
        return 1 if self.code is None else self.code.widening

    def forward(self, inputs: torch.Tensor) -> Window:
        """The encoded batch."""
        if self.code is None:
            return Window(inputs.transpose(0, 1))
        if self.code.constant:
            return Window(inputs, static_steps=self.steps)
        spikes = self.code.coded(inputs.detach(), self.steps).to(inputs.dtype)
        expected = self.code.expected(inputs) if inputs.requires_grad else None
        if expected is not None:
            spikes = spikes + (expected - expected.detach())
        return Window(spikes)

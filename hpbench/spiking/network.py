"""A fully connected network of HP layers."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from hpbench.spiking.encoder import Encoder
from hpbench.spiking.hybrid_cell import HybridCell
from hpbench.spiking.hybrid_window import HybridWindow, Window
from hpbench.spiking.parameters import HybridParameters
from hpbench.spiking.readout import read_out

LEARNERS = ("hp", "gp", "lp")

DIALECT_READ_OUT = {"release": "clipped_membrane", "paper": "rate"}
"""Read-out of each dialect; Eq. 9 leaves the choice of q open."""


class SpikingNetwork(torch.nn.Module):
    """Three learners in one family (Wu et al. 2022).

    `gp`: α = 0, surrogate-gradient learning only. `hp`: trace and gradient, θ learned. `lp`: the hidden
    layers' w, b and θ stay as drawn, their traces move; the last layer learns as in `hp`.
    Input (B, …) in [0, 1], output (B, K) by a read-out of `hpbench.spiking.readout`. `dialect` is the name
    that `p` was made from; `recurrent` gives hidden layers explicit connections to themselves.
    """

    def __init__(
        self,
        widths: Sequence[int],
        encoder: Encoder,
        learner: str = "hp",
        p: HybridParameters | None = None,
        *,
        dialect: str = "release",
        read_out: str | None = None,
        trace_at_test: str | None = None,
        recurrent: bool = False,
        trace_form: str = "auto",
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.learner = learner
        self.dialect = dialect
        self.p = p or HybridParameters()
        self.read_out = read_out or DIALECT_READ_OUT[dialect]
        last = len(widths) - 2
        self.layers = torch.nn.ModuleList(
            HybridWindow(
                HybridCell(
                    inputs, neurons, self.p, local=learner != "gp", recurrent=recurrent and number < last
                ),
                trace_at_test,
                trace_form,
                keep_membranes=number == last,
            )
            for number, (inputs, neurons) in enumerate(pairwise(widths))
        )
        if learner == "lp":
            for layer in self.layers[:-1]:
                layer.requires_grad_(False)

    def forward(self, inputs: Tensor) -> Tensor:
        """Class scores (B, K)."""
        window = self.encoder(inputs.flatten(1))
        for layer in self.layers:
            response = layer(window)
            window = Window(response.spikes)
        return read_out(self.read_out, response.spikes, response.membranes, self.p.threshold)

    def theta(self) -> list[torch.nn.Parameter]:
        """The meta-parameters of all layers, which learn at a rate of their own."""
        cells = [module for module in self.modules() if isinstance(module, HybridCell)]
        return [parameter for cell in cells for parameter in cell.theta()]

    def facts(self) -> dict[str, object]:
        """What a row says of this network."""
        last = self.layers[-1]
        assert isinstance(last, HybridWindow)
        return {
            "network": self.learner,
            "dialect": self.dialect,
            "surrogate": self.p.surrogate,
            "trace_at_test": None if self.learner == "gp" else last.trace_at_test,
            "encoding": self.encoder.encoding,
            "time_steps": self.encoder.steps,
        }

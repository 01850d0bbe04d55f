"""A fully connected network of HP layers."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from hpbench.spiking.encoder import Encoder
from hpbench.spiking.hybrid_cell import HybridCell, HybridParameters
from hpbench.spiking.hybrid_window import HybridWindow, Window

LEARNERS = ("hp", "gp", "lp")

_CEILING = 1.1
"""The read-out min(u/v_th, 1.1) of the authors' code: a target of 1 is a membrane at its threshold."""


class SpikingNetwork(torch.nn.Module):
    """Three learners in one family (Wu et al. 2022).

    `gp`: α = 0, surrogate-gradient learning only. `hp`: trace and gradient, θ learned. `lp`: the hidden
    layers' w, b and θ stay as drawn, their traces move; the last layer learns as in `hp`.
    Input (B, …) in [0, 1], output (B, K): min(u_L/v_th, 1.1) at the last step.
    """

    def __init__(
        self,
        widths: Sequence[int],
        encoder: Encoder,
        learner: str,
        p: HybridParameters,
        trace_at_test: str,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.learner = learner
        self.p = p
        self.trace_at_test = trace_at_test
        self.layers = torch.nn.ModuleList(
            HybridWindow(HybridCell(inputs, neurons, p, local=learner != "gp"), trace_at_test)
            for inputs, neurons in pairwise(widths)
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
        return (response.membrane / self.p.threshold).clamp(max=_CEILING)

    def theta(self) -> list[torch.nn.Parameter]:
        """The meta-parameters of all layers, which learn at a rate of their own."""
        cells = [module for module in self.modules() if isinstance(module, HybridCell)]
        return [parameter for cell in cells for parameter in cell.theta()]

    def facts(self) -> dict[str, object]:
        """What a row says of this network."""
        return {
            "network": self.learner,
            "dialect": None if self.learner == "gp" else "release",
            "surrogate": self.p.surrogate,
            "trace_at_test": None if self.learner == "gp" else self.trace_at_test,
            "encoding": self.encoder.encoding,
            "time_steps": self.encoder.steps,
        }

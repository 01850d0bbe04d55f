"""The authors' network for shuffled MNIST, with or without masks (Wu et al. 2022, their code)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from hpbench.operations.layer import Operations
from hpbench.operations.synapses import needed
from hpbench.spiking.credit.locality import BACKPROPAGATION
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.multitask.layer import MultitaskLayer
from hpbench.spiking.multitask.mask import Mask, draw_masks
from hpbench.spiking.multitask.products import fan_out, masked
from hpbench.spiking.parameters import HybridParameters
from hpbench.spiking.window import Window


class MultitaskNetwork(torch.nn.Module):
    """Hidden layers whose trace is empty at the start of every batch, and scores linear in the membranes.

    `learner` is hp or gp (without a trace); `widths` are the inputs at one step, the hidden neurons and K.
    With `mask_share`, a task uses only this share of the weights of every layer, drawn at random for each.
    Input (B, …) as the encoder takes it, output (B, K): (W ∘ M) u(T − 1), u the last hidden membranes.
    """

    mask_seed: Tensor

    def __init__(
        self,
        widths: Sequence[int],
        encoder: Encoder,
        learner: str,
        p: HybridParameters,
        *,
        mask_share: float = 0.0,
        trace_at_test: str = "batch",
    ) -> None:
        super().__init__()
        self.encoder, self.learner, self.p = encoder, learner, p
        self.mask_share = mask_share
        self.trace_at_test = trace_at_test if learner == "hp" else None
        self.layers = torch.nn.ModuleList(
            MultitaskLayer(*sizes, p, local=learner == "hp", trace_off=trace_at_test == "zero")
            for sizes in pairwise(widths[:-1])
        )
        self.output = LinearOutput(widths[-2], widths[-1])
        self.register_buffer("mask_seed", torch.randint(2**31, ()))
        self._masks: dict[int, list[Mask]] = {}

    def forward(self, inputs: Tensor, task: int | None = None) -> Tensor:
        """Scores (B, K) for samples of one task, counted from 0, which only masks need."""
        layers: list[Any] = list(self.layers)
        masks: Sequence[Mask | None] = [None] * (len(layers) + 1)
        if self.mask_share:
            assert task is not None
            masks = self.masks(task)
        window = self.encoder(inputs)
        window = window._replace(values=window.values.flatten(1 if window.static_steps else 2))
        for layer, mask in zip(layers, masks, strict=False):
            response = layer(window, mask)
            window = Window(response.spikes)
        scores: Tensor = self.output(response.membranes[-1], masks[-1])
        return scores

    def masks(self, task: int) -> list[Mask]:
        """Of every layer and of the output, for one task; the same whenever they are asked for."""
        device = self.output.weight.device
        if task not in self._masks or self._masks[task][0].places.device != device:
            shapes = [tuple(one.weight.shape) for one in (*self.layers, self.output)]
            self._masks[task] = draw_masks(shapes, self.mask_share, int(self.mask_seed) + task, device)
        return self._masks[task]

    def theta(self) -> list[torch.nn.Parameter]:
        """The meta-parameters of all layers."""
        layers: list[Any] = list(self.layers)
        return [parameter for layer in layers for parameter in layer.theta()]

    def facts(self) -> dict[str, object]:
        """Columns of a leaderboard row that describe this network."""
        return {
            "network": self.learner,
            **BACKPROPAGATION._asdict(),
            "dialect": "release",
            "surrogate": self.p.surrogate,
            "trace_at_test": self.trace_at_test,
            "encoding": self.encoder.encoding,
            "time_steps": self.encoder.steps,
        }


class LinearOutput(torch.nn.Module):
    """(W ∘ M) u of membranes u (B, m), without bias and spikes."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = torch.nn.Linear(inputs, outputs, bias=False).weight

    def forward(self, membranes: Tensor, mask: Mask | None = None) -> Tensor:
        """Scores (B, K)."""
        return masked(membranes, self.weight, mask)

    def operations(self, scores: Tensor, membranes: Tensor, mask: Mask | None = None) -> Operations:
        """Every membrane other than 0 at the weights that the mask leaves."""
        each = fan_out(self.weight, mask)
        accumulates, products = needed(int((membranes.count_nonzero(0) * each).sum()), spikes=False)
        return Operations(
            samples=len(membranes),
            dense=len(membranes) * int(each.sum()),
            accumulates=accumulates,
            multiply_accumulates=products,
        )

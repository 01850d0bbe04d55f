"""Both dialects written literally from the equations, as a baseline for speed.

`release`: the outer products of the whole batch, (B, n, m), then their mean and the clamp, in every step and
every layer, as the authors' code does it. `paper`: one trace for each sample, (B, n, m), each step one
`baddbmm`, the quicker of the literal ways (no separate outer product; no clamp, since the preset has none).
"""

import copy
from typing import Any

import torch
from torch import Tensor

from benchmarks.engine_step import Batch, Step
from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.readout import read_out
from hpbench.spiking.surrogate import SURROGATES

TOLERANCE = 1e-4
"""Of norms, for float32: sums of up to 784 and 1,000 terms in another order, over T steps and back."""


class LiteralNetwork(torch.nn.Module):
    """The literal form with the parameters of one of our networks, which it takes over."""

    def __init__(self, taken: SpikingNetwork) -> None:
        super().__init__()
        self.taken = taken

    def theta(self) -> list[torch.nn.Parameter]:
        """θ, for its own parameter group."""
        return self.taken.theta()

    def forward(self, images: Tensor) -> Tensor:
        """Class scores (B, K), the layers stepped together as the authors do."""
        taken = self.taken
        layers: list[Any] = list(taken.layers)
        shared = taken.p.trace_scope == "batch"
        states = [_start(layer, images, shared) for layer in layers]
        one_step = _release if shared else _paper
        spikes, membranes = [], []
        for step in range(taken.encoder.steps):
            seen = images
            for number, layer in enumerate(layers):
                states[number] = one_step(layer.cell, step, seen, *states[number])
                seen = states[number][1]
            membranes.append(states[-1][0])
            spikes.append(seen)
        if shared:
            for layer, (_, _, trace) in zip(layers, states, strict=True):
                layer.trace = trace.detach()
        return read_out(taken.read_out, torch.stack(spikes), torch.stack(membranes), taken.p.threshold)


def _start(layer: Any, images: Tensor, shared: bool) -> tuple[Tensor, Tensor, Tensor]:
    neurons, inputs = layer.cell.linear.weight.shape
    zeros = images.new_zeros(len(images), neurons)
    return zeros, zeros, layer.trace if shared else images.new_zeros(len(images), inputs, neurons)


def _release(
    cell: HybridCell, step: int, values: Tensor, membrane: Tensor, spikes: Tensor, trace: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    p = cell.p
    seen = values * p.weight_scale(step)
    current = cell.linear(seen) + cell.alpha * seen.mm(trace)
    membrane = p.membrane_decay * (membrane - p.threshold * spikes) + current
    spikes = SURROGATES[p.surrogate](membrane - p.threshold)
    post = torch.tanh(membrane / p.threshold - cell.offset)
    outer = torch.bmm((seen * cell.rate).unsqueeze(2), post.unsqueeze(1))
    trace = p.trace_decay * trace + outer.mean(0)
    return membrane, spikes, trace.clamp(-p.trace_bound, p.trace_bound)


def _paper(
    cell: HybridCell, step: int, values: Tensor, membrane: Tensor, spikes: Tensor, trace: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    p = cell.p
    ahead = p.weight_scale(step) * (values @ cell.linear.weight.T) + cell.linear.bias
    current = ahead + cell.alpha * torch.bmm(values.unsqueeze(1), trace).squeeze(1)
    membrane = (1 - spikes) * p.membrane_decay * membrane + p.current_gain * current
    spikes = SURROGATES[p.surrogate](membrane - p.threshold)
    post = torch.tanh(membrane / p.threshold) + cell.offset
    pre = (cell.rate * values).unsqueeze(2)
    return membrane, spikes, torch.baddbmm(trace, pre, post.unsqueeze(1), beta=p.trace_decay)


def distance(ours: SpikingNetwork, batch: Batch) -> float:
    """The largest relative difference between ours and the literal form, from the same weights.

    The batch is shown twice without a change of the weights, so that the second time meets a carried trace.
    Compared by their norms: both losses, the gradient of every parameter, and the carried traces.
    """
    ways = [Step(copy.deepcopy(ours), batch), Step(LiteralNetwork(copy.deepcopy(ours)), batch)]
    losses = [torch.stack([way.gradients(), way.gradients()]) for way in ways]
    pairs = [(losses[0], losses[1])]
    for one, other in zip(*(way.model.parameters() for way in ways), strict=True):
        pairs.append((one.grad, other.grad))  # type: ignore[arg-type]
    pairs += zip(*(way.model.buffers() for way in ways), strict=True)
    return max(float((one - other).norm() / other.norm().clamp_min(1e-30)) for one, other in pairs)


def check(ours: SpikingNetwork, batches: list[Batch]) -> float:
    """The distance on the first batch without a flipped spike; AssertionError if there is none.

    A potential within rounding of the threshold may spike in one form and not in the other, which is no
    error, happens in a few of 10 batches, and moves gradients by more than rounding; formulas that differ
    cannot agree on any batch.
    """
    seen = []
    for batch in batches:
        seen.append(distance(ours, batch))
        if seen[-1] < TOLERANCE:
            return seen[-1]
    raise AssertionError(f"ours and the literal form differ by {seen} (relative); nothing is timed")

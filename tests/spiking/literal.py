"""The release dialect written out: a batch of outer products, one step after another, nothing re-ordered."""

import math

import torch
from torch import Tensor

from hpbench.spiking.hybrid_cell import HybridCell
from hpbench.spiking.surrogate import rectangular


def literal_window(cell: HybridCell, inputs: Tensor, trace: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Spikes (T, B, m), last membrane (B, m), last trace (n, m) of inputs (T, B, n), from the equations."""
    p = cell.p
    batch, neurons = inputs.shape[1], cell.linear.out_features
    membrane = inputs.new_zeros(batch, neurons)
    spikes = inputs.new_zeros(batch, neurons)
    train = []
    for step, values in enumerate(inputs):
        seen = values * math.exp(-step / p.weight_time_constant)
        current = seen @ cell.linear.weight.T + cell.linear.bias + cell.alpha * (seen @ trace)
        membrane = p.membrane_decay * (membrane - p.threshold * spikes) + current
        spikes = rectangular(membrane - p.threshold)
        post = torch.tanh(membrane / p.threshold - cell.eta)
        outer = torch.bmm((seen * cell.beta).unsqueeze(2), post.unsqueeze(1))
        trace = torch.clamp(p.trace_decay * trace + outer.mean(0), -p.trace_bound, p.trace_bound)
        train.append(spikes)
    return torch.stack(train), membrane, trace

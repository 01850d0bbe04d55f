"""Both dialects written out: outer products, one step after another, nothing re-ordered.

Written from the equations as printed and as released, not from `HybridParameters`.
"""

import math

import torch
from torch import Tensor

from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.surrogate import SURROGATES


def literal_release(cell: HybridCell, inputs: Tensor, trace: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Spikes (T, B, m), membranes (T, B, m), last trace (n, m) of inputs (T, B, n)."""
    p = cell.p
    membrane = inputs.new_zeros(inputs.shape[1], cell.linear.out_features)
    spikes = torch.zeros_like(membrane)
    all_spikes, membranes = [], []
    for step, values in enumerate(inputs):
        seen = values * math.exp(-step / p.weight_time_constant)
        current = seen @ cell.linear.weight.T + cell.linear.bias + cell.alpha * (seen @ trace)
        membrane = p.membrane_decay * (membrane - p.threshold * spikes) + current
        spikes = SURROGATES[p.surrogate](membrane - p.threshold)
        post = torch.tanh(membrane / p.threshold - cell.offset)
        outer = torch.bmm((seen * cell.rate).unsqueeze(2), post.unsqueeze(1))
        trace = torch.clamp(p.trace_decay * trace + outer.mean(0), -p.trace_bound, p.trace_bound)
        all_spikes.append(spikes)
        membranes.append(membrane)
    return torch.stack(all_spikes), torch.stack(membranes), trace


def literal_paper(cell: HybridCell, inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Eq. 8 sample by sample: spikes, membranes (T, B, m), last traces (B, m, n)."""
    p = cell.p
    k_u = 1 - p.membrane_decay
    all_spikes, membranes, traces = [], [], []
    for sample in inputs.unbind(1):
        trace = inputs.new_zeros(cell.linear.out_features, inputs.shape[2])
        membrane = inputs.new_zeros(cell.linear.out_features)
        spikes = torch.zeros_like(membrane)
        own_spikes, own_membranes = [], []
        for step, values in enumerate(sample):
            weight = cell.linear.weight * math.exp(-step / p.weight_time_constant)
            current = (weight + cell.alpha[:, None] * trace) @ values + cell.linear.bias
            membrane = (1 - spikes) * (1 - k_u) * membrane + k_u * current
            spikes = SURROGATES[p.surrogate](membrane - p.threshold)
            post = torch.tanh(membrane / p.threshold) + cell.offset
            trace = trace * p.trace_decay + torch.outer(post, cell.rate * values)
            own_spikes.append(spikes)
            own_membranes.append(membrane)
        all_spikes.append(torch.stack(own_spikes))
        membranes.append(torch.stack(own_membranes))
        traces.append(trace)
    return torch.stack(all_spikes, 1), torch.stack(membranes, 1), torch.stack(traces)

"""Costs of convolutional layers against loops over positions and weights."""

from typing import Any

import pytest
import torch

from hpbench.metrics.cost import measure
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.network import Convolution, SpikingNetwork

STEPS = 3


def events() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randint(0, 3, (2, STEPS, 2, 6, 6)).float() * (torch.rand(2, STEPS, 2, 6, 6) < 0.4)


def met(values: torch.Tensor, kernel: int, stride: int) -> int:
    """Sum over kernel positions and weights of what lies below the weight, padding left out."""
    total, pad = 0.0, kernel // 2
    for image in values.flatten(0, -4):
        height, width = image.shape[1:]
        for top in range(-pad, height + pad - kernel + 1, stride):
            for left in range(-pad, width + pad - kernel + 1, stride):
                rows = slice(max(top, 0), max(top + kernel, 0))
                columns = slice(max(left, 0), max(left + kernel, 0))
                total += float(image[:, rows, columns].sum())
    return int(total)


@pytest.mark.parametrize("highest", [1, 2])
@pytest.mark.parametrize("trace_at_test", ["frozen", "stream", "batch", "zero"])
def test_a_spiking_convolution_is_counted_step_by_step(trace_at_test: str, highest: int) -> None:
    """Each number of events counts once; those up to `highest` 1 accumulate, others multiply."""
    torch.manual_seed(1)
    network = SpikingNetwork(
        [72, 5],
        Encoder("frames", STEPS, 0.0),
        convolutions=[Convolution(4, 3, 2)],
        image=(2, 6, 6),
        trace_at_test=trace_at_test,
    ).eval()
    first: Any = network.layers[0]
    first.trace = torch.randn_like(first.trace)
    inputs = events().clamp(max=highest)
    layer, _ = measure(network, lambda: network(inputs)).layers.values()
    assert layer.samples == 2
    assert layer.dense == 4 * met(torch.ones_like(inputs), 3, 2)
    active = 4 * met((inputs != 0).float(), 3, 2)
    needed = (layer.accumulates, layer.multiply_accumulates)
    assert needed == ((active, 0) if highest == 1 else (0, active))
    assert layer.trace_writes == active
    assert layer.neuron_steps == 2 * STEPS * 4 * 3 * 3
    cell, state = first.cell, first.cell.initial_state(inputs[:, 0])._replace(trace=first.trace)
    ahead_size = local_size = 0.0
    for step in range(STEPS):
        patches = torch.nn.functional.unfold(inputs[:, step], 3, padding=1, stride=2).transpose(1, 2)
        local = cell.alpha * (patches @ state.trace) * cell.p.trace_scale(step)
        ahead = cell.conv(inputs[:, step]) * cell.p.weight_scale(step) + cell.bias[:, None, None]
        local_size += local.abs().sum().item()
        ahead_size += ahead.abs().sum().item()
        moved = cell(inputs[:, step], state)[1]
        state = moved if trace_at_test == "batch" else moved._replace(trace=state.trace)
    if trace_at_test == "zero":
        assert layer.local_share is None
    else:
        assert layer.local_share == pytest.approx(local_size / (local_size + ahead_size), rel=1e-5)


def test_a_real_valued_convolution_multiplies() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3, padding=1), torch.nn.ReLU())
    images = events()[:, 0] / 2
    [layer] = measure(network, lambda: network(images)).layers.values()
    output = network(images)
    assert layer.multiply_accumulates == 3 * met((images != 0).float(), 3, 1)
    assert layer.accumulates == 0
    assert layer.dense == 3 * met(torch.ones_like(images), 3, 1)
    assert layer.silent == int((output == 0).sum())

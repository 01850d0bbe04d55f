"""Operations of DECOLLE layers against cases counted by hand."""

import pytest
import torch

from hpbench.metrics.cost import measure
from hpbench.operations.layer import Operations
from hpbench.spiking.decolle.cell import DecolleCell
from hpbench.spiking.decolle.network import DecolleNetwork
from hpbench.spiking.decolle.parameters import DecolleParameters, DecolleShape
from hpbench.spiking.encoder import Encoder


def shown(cell: DecolleCell, inputs: torch.Tensor) -> Operations:
    def look() -> None:
        state = None
        for one in inputs:
            _, state = cell(one, state)

    [layer] = measure(cell, look).layers.values()
    return layer


def always_firing(cell: DecolleCell) -> DecolleCell:
    with torch.no_grad():
        cell.synapse.weight.zero_()
        cell.synapse.bias.fill_(1.0)
    return cell


def test_a_dense_layer_adds_once_for_every_spike_and_weight() -> None:
    cell = always_firing(DecolleCell(torch.nn.Linear(4, 3), (4,)))
    inputs = torch.zeros(5, 2, 4)
    inputs[0, 0, 1] = inputs[3, 1, 2] = inputs[3, 1, 3] = 1
    layer = shown(cell, inputs)
    assert (layer.samples, layer.dense, layer.accumulates, layer.multiply_accumulates) == (2, 120, 9, 0)
    assert (layer.neuron_steps, layer.silent) == (30, 0)


@pytest.mark.parametrize("dense", [True, False])
def test_a_number_of_events_is_one_product_and_never_more_than_dense(dense: bool) -> None:
    """As in NeuroBench: an input other than 0 counts once, and other values than 0, 1 and -1 multiply."""
    synapse = torch.nn.Linear(4, 3) if dense else torch.nn.Conv2d(4, 3, 1)
    inputs = torch.zeros(3, 1, 4)
    inputs[0, 0] = torch.tensor([5.0, 0, 1, 7])
    inputs[1, 0] = torch.tensor([0.0, 1, 0, -1])
    shape = (4,) if dense else (4, 1, 1)
    layer = shown(DecolleCell(synapse, shape), inputs.view(3, 1, *shape))
    assert (layer.dense, layer.accumulates, layer.multiply_accumulates) == (3 * 4 * 3, 2 * 3, 3 * 3)


def test_a_held_value_is_multiplied_at_every_step() -> None:
    cell = DecolleCell(torch.nn.Linear(4, 3), (4,))
    layer = shown(cell, torch.tensor([[[0.5, 0, 0.1, 0]]]).expand(5, 1, 4))
    assert (layer.accumulates, layer.multiply_accumulates) == (0, 5 * 2 * 3)


def test_inputs_with_time_constants_of_their_own_cost_as_long_as_their_trace_lasts() -> None:
    p = DecolleParameters(membrane_tau=(3.0, 5.0))
    cell = DecolleCell(torch.nn.Linear(4, 3), (4,), p)
    inputs = torch.zeros(5, 1, 4)
    inputs[0, 0, 1] = 1
    layer = shown(cell, inputs)
    # Its trace is first read two steps later: steps 2, 3 and 4.
    assert (layer.accumulates, layer.multiply_accumulates) == (0, 3 * 3)


def test_a_spike_meets_fewer_weights_at_the_border() -> None:
    cell = always_firing(DecolleCell(torch.nn.Conv2d(1, 2, 3, padding=1), (1, 4, 4), pool=2))
    inputs = torch.zeros(2, 1, 1, 4, 4)
    inputs[0, 0, 0, 0, 0] = inputs[1, 0, 0, 1, 1] = 1
    layer = shown(cell, inputs)
    assert layer.accumulates == 2 * (4 + 9)
    # Of the kernel's 9 weights 4 meet a corner, 6 an edge and all what is within.
    assert layer.dense == 2 * 2 * (4 * 4 + 8 * 6 + 4 * 9)
    assert (layer.neuron_steps, layer.silent) == (2 * 2 * 4, 0)


def test_no_other_count_takes_a_step_for_a_sample() -> None:
    shape = DecolleShape(kernels=(2,), pools=(1,), kernel_size=3, padding=1, hidden=(5,))
    network = DecolleNetwork((36,), 3, Encoder("direct", 8, 1), shape).eval()
    cost = measure(network, lambda: network(torch.rand(4, 36)))
    layers = list(cost.layers.values())
    assert [layer.samples for layer in layers] == [4, 4]
    assert layers[1].dense == 4 * 8 * 72 * 5
    assert cost.footprint_bytes == pytest.approx(
        4 * sum(one.numel() for one in [*network.parameters(), *network.buffers()])
    )

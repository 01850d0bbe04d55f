"""Cost of networks small enough to count by hand."""

import math

import pytest
import torch

from hpbench.metrics.cost import footprint, measure
from hpbench.networks.dense import DenseNetwork
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.parameters import HybridParameters


def by_hand(learner: str, trace_at_test: str | None = None) -> SpikingNetwork:
    """2-2-1 neurons, T = 2, no decay of inputs, threshold 1; the first hidden neuron fires at both steps.

    Input (0.5, 0): hidden currents 2 and 0.1. Membranes 2; then 0.4·(2−1) + 2 = 2.4: spikes at both steps.
    The second stays below: 0.1, 0.14.
    """
    p = HybridParameters(threshold=1.0, membrane_decay=0.4, weight_time_constant=math.inf)
    network = SpikingNetwork(
        [2, 2, 1], Encoder("direct", 2, 500.0), learner, p, trace_at_test=trace_at_test
    ).eval()
    with torch.no_grad():
        network.layers[0].cell.linear.weight.copy_(torch.tensor([[4.0, 1.0], [0.2, 1.0]]))
        network.layers[0].cell.linear.bias.zero_()
        network.layers[1].cell.linear.weight.copy_(torch.tensor([[0.3, 5.0]]))
        network.layers[1].cell.linear.bias.zero_()
    return network


def test_operations_and_sparsity_of_a_spiking_network() -> None:
    network = by_hand("gp")
    cost = measure(network, lambda: network(torch.tensor([[0.5, 0.0]])))
    # Dense: 2 steps of 2x2 and of 2x1. Needed: 1 real input x 2 neurons x 2 steps; 1 spike x 1 neuron x 2.
    assert cost.per_sample("dense") == 8 + 4
    assert cost.per_sample("multiply_accumulates") == 4
    assert cost.per_sample("accumulates") == 2
    assert cost.per_sample("trace_writes") == 0
    assert cost.activation_sparsity == 0.5
    assert cost.local_share is None


def test_trace_writes_and_local_share() -> None:
    network = by_hand("hp")
    with torch.no_grad():
        for layer in network.layers:
            layer.cell.alpha.fill_(0.5)
        network.layers[0].trace = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    cost = measure(network, lambda: network(torch.tensor([[0.5, 0.0]])))
    assert cost.per_sample("trace_writes") == 4 + 2
    first, second = cost.layers.values()
    # Per step: global 2 + 0.1, local 0.5 · 0.5 · 1 = 0.25; no trace in the second layer.
    assert first.local_share == pytest.approx(0.25 / 2.35)
    assert second.local_share == 0
    assert cost.local_share == pytest.approx(0.25 / 2.35 / 2)


def test_samples_are_averaged() -> None:
    network = by_hand("gp")
    cost = measure(network, lambda: network(torch.tensor([[0.5, 0.0], [0.0, 0.0]])))
    assert cost.per_sample("dense") == 12
    assert cost.per_sample("accumulates") == 1


def test_operations_of_a_real_valued_network() -> None:
    network = DenseNetwork([3, 2, 1]).eval()
    with torch.no_grad():
        network[1].weight.copy_(torch.tensor([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]]))
        network[1].bias.zero_()
    cost = measure(network, lambda: network(torch.tensor([[0.5, 0.0, 0.0]])))
    assert cost.per_sample("dense") == 6 + 2
    assert cost.per_sample("multiply_accumulates") == 2 + 1
    assert cost.activation_sparsity == 0.5


def test_footprint_counts_parameters_and_traces() -> None:
    # w 2·2 + 2·1, b 2 + 1, α 2, β 2 + 2, η 2 + 1, traces 4 + 2; four bytes each.
    assert footprint(by_hand("gp")) == 4 * (6 + 3)
    assert footprint(by_hand("hp")) == 4 * (6 + 3 + 2 + 4 + 3 + 6)

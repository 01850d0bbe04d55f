"""SLAYER against sums over pairs of time steps, and against autograd with the refractory path cut."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hpbench.spiking.encoder import Encoder
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.neurons.spike_response import SpikeResponse
from hpbench.spiking.parameters import RELEASE

TAU, TAU_R, V_TH = 1.5, 2.5, 1.0


def made(widths: list[int], steps: int, *, refractory_gradient: bool = False) -> SpikingNetwork:
    torch.manual_seed(0)
    neuron = SpikeResponse(TAU, TAU_R, refractory_gradient)
    p = RELEASE._replace(neuron=neuron, threshold=V_TH, surrogate="exponential")
    network = SpikingNetwork(widths, Encoder("direct", steps, 500.0), "gp", p, read_out="rate").double()
    for layer in network.layers:
        layer.cell.linear.weight.data.mul_(4)  # type: ignore[union-attr, operator]
    return network


def learned(network: SpikingNetwork, inputs: Tensor, weights: Tensor) -> list[Tensor]:
    (weights * network(inputs)).sum().backward()
    return [layer.cell.linear.weight.grad for layer in network.layers]  # type: ignore[union-attr, misc]


def response(t: int, tau: float) -> float:
    return t / tau * math.exp(1 - t / tau)


def by_sums(network: SpikingNetwork, inputs: Tensor, weights: Tensor, steps: int) -> list[Tensor]:
    """One sample at a time: membranes as sums over all earlier steps, errors as sums over all later ones."""
    p, found = network.p, [torch.zeros_like(one.cell.linear.weight) for one in network.layers]  # type: ignore
    for b in range(len(inputs)):
        x = [inputs[b]] * steps
        seen, membranes = [x], []
        for layer in network.layers:
            weight, bias = layer.cell.linear.weight.detach(), layer.cell.linear.bias.detach()  # type: ignore
            currents = [p.weight_scale(t) * weight @ x[t] + bias for t in range(steps)]
            spikes: list[Tensor] = []
            us = []
            for t in range(steps):
                u = sum((response(t - s, TAU) * currents[s] for s in range(t)), torch.zeros_like(bias))
                u = u - 2 * V_TH * sum(
                    (response(t - s, TAU_R) * spikes[s] for s in range(t)), torch.zeros_like(bias)
                )
                us.append(u)
                spikes.append((u > V_TH).double())
            x = spikes
            seen.append(x)
            membranes.append(us)
        error = [weights[b] / steps] * steps
        for number in reversed(range(len(network.layers))):
            weight = network.layers[number].cell.linear.weight.detach()  # type: ignore[union-attr, operator]
            delta = [torch.exp(-(u - V_TH).abs()) * e for u, e in zip(membranes[number], error, strict=True)]
            of_currents = [
                sum((response(later - t, TAU) * delta[later] for later in range(t, steps)), 0 * delta[0])
                for t in range(steps)
            ]
            for t in range(steps):
                found[number] += p.weight_scale(t) * torch.outer(of_currents[t], seen[number][t])
            error = [p.weight_scale(t) * of_currents[t] @ weight for t in range(steps)]
    return found


@settings(max_examples=8, deadline=None)
@given(
    widths=st.lists(st.integers(1, 5), min_size=2, max_size=4),
    steps=st.integers(2, 9),
    samples=st.integers(1, 3),
)
def test_gradients_are_those_of_the_sums(widths: list[int], steps: int, samples: int) -> None:
    network = made(widths, steps)
    inputs, weights = torch.rand(samples, widths[0]).double(), torch.randn(samples, widths[-1]).double()
    for one, other in zip(
        learned(network, inputs, weights), by_sums(network, inputs, weights, steps), strict=True
    ):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("refractory_gradient", [False, True])
def test_the_path_through_a_neurons_own_spikes_is_left_out(refractory_gradient: bool) -> None:
    network = made([6, 8, 3], 12, refractory_gradient=refractory_gradient)
    inputs, weights = torch.rand(4, 6).double(), torch.randn(4, 3).double()
    found = learned(network, inputs, weights)
    expected = by_sums(network, inputs, weights, 12)
    same = all(torch.allclose(one, other) for one, other in zip(found, expected, strict=True))
    assert bool(found[0].any()) and same != refractory_gradient

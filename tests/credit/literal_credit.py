"""Dense LIF layers and the gradients of their weights, number by number: the reference for learning rules.

The neuron is u(t) = k (u(t−1) − v s(t−1)) + d_t W x(t) + b, s = H(u − v); ψ its rectangular surrogate.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hpbench.spiking.parameters import HybridParameters

Rows = list[list[float]]
Times = list[list[float]]
Error = Callable[[int, int, int], float]
"""(sample, time step, neuron) to the error of that spike, or of that membrane."""


@dataclass
class Layer:
    """A layer's weights (m, n) and biases, and what it did: x, u and s of every sample, step and neuron."""

    weight: Rows
    bias: list[float]
    inputs: list[Times]
    membranes: list[Times]
    spikes: list[Times]


def run(weight: Rows, bias: list[float], inputs: list[Times], p: HybridParameters) -> Layer:
    """The layer for inputs by sample, step and place."""
    layer = Layer(weight, bias, inputs, [], [])
    for sample in inputs:
        membrane, spike = [0.0] * len(bias), [0.0] * len(bias)
        membranes, spikes = [], []
        for t, x in enumerate(sample):
            for i in range(len(bias)):
                current = bias[i]
                for j in range(len(x)):
                    current += p.weight_scale(t) * weight[i][j] * x[j]
                membrane[i] = p.membrane_decay * (membrane[i] - p.threshold * spike[i]) + current
            spike = [float(one > p.threshold) for one in membrane]
            membranes.append(list(membrane))
            spikes.append(spike)
        layer.membranes.append(membranes)
        layer.spikes.append(spikes)
    return layer


def errors(layer: Layer, p: HybridParameters, of_spike: Error, of_membrane: Error) -> list[Times]:
    """∂L/∂I by sample, step and neuron, through all later steps of the same neuron."""
    found = []
    for b, membranes in enumerate(layer.membranes):
        later = [0.0] * len(layer.bias)
        steps: Times = []
        for t in reversed(range(len(membranes))):
            now = []
            for i, u in enumerate(membranes[t]):
                surrogate = float(abs(u - p.threshold) < 0.5)
                through_reset = -p.membrane_decay * p.threshold * later[i]
                now.append(
                    surrogate * (of_spike(b, t, i) + through_reset)
                    + p.membrane_decay * later[i]
                    + of_membrane(b, t, i)
                )
            steps.insert(0, now)
            later = now
        found.append(steps)
    return found


def gradient(layer: Layer, at_currents: list[Times], p: HybridParameters) -> Rows:
    """∂L/∂W = Σ_b Σ_t d_t ∂I(t) x(t)^T."""
    total = [[0.0] * len(layer.weight[0]) for _ in layer.bias]
    for b, sample in enumerate(layer.inputs):
        for t, x in enumerate(sample):
            for i in range(len(layer.bias)):
                for j in range(len(x)):
                    total[i][j] += p.weight_scale(t) * at_currents[b][t][i] * x[j]
    return total


def nothing(b: int, t: int, i: int) -> float:
    """No error."""
    return 0.0

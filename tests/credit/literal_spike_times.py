"""Neurons with exact spike times, one sample, neuron and input at a time: sums of kernels and bisection.

Times are tensors of one element, so that autograd gives the derivative of every spike time: after bisection
one step of Newton's method with a slope that is held fixed has the value of the root and the derivative that
the implicit function theorem gives.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.spiking.spike_times.membrane import Membrane
from hpbench.spiking.spike_times.networks import SpikeTimeNetwork

GRID = 2000


class Input(NamedTuple):
    """A spike: its time, its strength, and the step from whose beginning on it counts."""

    time: Tensor
    strength: Tensor
    counts_from: int


Train = list[Input]


def kernel(s: Tensor, m: Membrane) -> Tensor:
    """k(s)."""
    if m.membrane_tau == m.synapse_tau:
        return s / m.membrane_tau * torch.exp(-s / m.membrane_tau)
    share = m.synapse_tau / (m.membrane_tau - m.synapse_tau)
    return share * (torch.exp(-s / m.membrane_tau) - torch.exp(-s / m.synapse_tau))


class Neuron:
    """One neuron for one sample."""

    def __init__(self, weights: Tensor, trains: list[Train], m: Membrane) -> None:
        self.weights, self.trains, self.m = weights, trains, m
        self.last: Tensor | None = None
        self.last_step = -1
        self.current = torch.zeros(())

    def voltage(self, t: Tensor, step: int) -> Tensor:
        """v(t) from what counts in this step; of what counted before the last reset, from the current."""
        total = torch.zeros_like(t)
        if self.last is not None:
            total = total + self.current * kernel(t - self.last, self.m)
        for weight, train in zip(self.weights, self.trains, strict=True):
            for one in train:
                reset_later = one.counts_from <= self.last_step
                if one.counts_from <= step and not reset_later:
                    total = total + self.m.gain * weight * one.strength * kernel(t - one.time, self.m)
        return total

    def flow(self, t: Tensor, step: int) -> Tensor:
        """i(t)."""
        total = torch.zeros(())
        for weight, train in zip(self.weights, self.trains, strict=True):
            for one in train:
                if one.counts_from <= step:
                    left = torch.exp(-(t - one.time) / self.m.synapse_tau)
                    total = total + self.m.gain * weight * one.strength * left
        return total

    def crossing(self, step: int) -> Tensor | None:
        """The first crossing in the step, with its derivative; in the one before for a lifted neuron."""
        with torch.no_grad():
            times = step + torch.linspace(0, 1, GRID + 1)
            if self.voltage(times[0], step) >= 1:
                begin = times[0]
                if self.flow(begin, step) <= self.voltage(begin, step):
                    return begin
                times = times - 1
            above = (self.voltage(times, step) >= 1).nonzero()
            if not len(above):
                return None
            place = int(above[0])
            low, high = times[max(place - 1, 0)], times[place]
            for _ in range(60 if place else 0):
                middle = (low + high) / 2
                low, high = (low, middle) if self.voltage(middle, step) >= 1 else (middle, high)
            slope = (self.flow(high, step) - self.voltage(high, step)) / self.m.membrane_tau
        moved = self.voltage(high, step) - self.voltage(high, step).detach()
        return high - moved / max(float(slope), self.m.slope_floor)

    def run(self, steps: int) -> tuple[Train, Tensor]:
        """Its spikes, and v at the ends of steps."""
        found, membranes = [], []
        for step in range(steps):
            time = self.crossing(step) if self.m.fires and (self.m.reset or not found) else None
            if time is not None:
                found.append(Input(time, torch.ones(()), step + 1))
                if self.m.reset:
                    self.current, self.last, self.last_step = self.flow(time, step), time, step
            membranes.append(self.voltage(torch.tensor(step + 1.0), step))
        return found, torch.stack(membranes)


def literal_network(network: SpikeTimeNetwork, values: Tensor) -> tuple[list[list[Train]], Tensor]:
    """Spikes of the last layer by sample and neuron, and its membranes (T, B, K), for values (T, B, n)."""
    steps, batch, inputs = values.shape
    outputs, ends = [], []
    for b in range(batch):
        trains = [
            [Input(torch.tensor(float(t)), values[t, b, i], t) for t in range(steps)] for i in range(inputs)
        ]
        for layer in network.layers:
            weight = layer.linear.weight  # type: ignore[union-attr]
            ran = [Neuron(row, trains, layer.m).run(steps) for row in weight]  # type: ignore
            trains = [train for train, _ in ran]
        outputs.append(trains)
        ends.append(torch.stack([membranes for _, membranes in ran], 1))
    return outputs, torch.stack(ends, 1)

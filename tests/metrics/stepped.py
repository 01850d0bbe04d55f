"""Networks that step through time, written in several ways, and a literal count of what they need."""

from collections.abc import Callable

import torch
from torch import Tensor

from hpbench.operations.neurons import Spikes

STEPS = 6


def spikes_in(shape: tuple[int, ...], share: float = 0.3) -> Tensor:
    """Random spikes of this shape, of which some are always 1."""
    return (torch.rand(shape, generator=torch.Generator().manual_seed(1)) < share).float()


def fire(membrane: Tensor, current: Tensor) -> tuple[Tensor, Tensor]:
    """Spikes and membrane of leaky neurons with threshold 1."""
    membrane = 0.9 * membrane + current
    fired = (membrane > 1).float()
    return fired, membrane - fired


class ByHand(torch.nn.Module):
    """Inputs (B, T, n): two layers of hidden neurons and a linear output, a call of each per step.

    Spikes go through `mark`, one module for both layers; layers are registered in an order of their own.
    """

    def __init__(self, mark: torch.nn.Module | None = None) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.output = torch.nn.Linear(5, 3)
        self.second = torch.nn.Linear(7, 5)
        self.first = torch.nn.Linear(10, 7)
        self.mark = mark or Spikes()
        for layer in (self.first, self.second):
            torch.nn.init.normal_(layer.weight, std=0.6)

    def forward(self, inputs: Tensor) -> Tensor:
        one, two = torch.zeros(len(inputs), 7), torch.zeros(len(inputs), 5)
        scores = torch.zeros(len(inputs), 3)
        for now in inputs.unbind(1):
            fired, one = fire(one, self.first(now))
            again, two = fire(two, self.second(self.mark(fired)))
            scores = scores + self.output(self.mark(again))
        return scores


def counted(network: ByHand, inputs: Tensor) -> dict[str, float]:
    """Counts per sample of ByHand by loops over samples, steps and neurons."""
    dense = accumulates = silent = pairs = 0
    for sample in inputs:
        one, two = torch.zeros(7), torch.zeros(5)
        for now in sample:
            fired, one = fire(one, network.first.weight @ now + network.first.bias)
            again, two = fire(two, network.second.weight @ fired + network.second.bias)
            for spikes, reach in ((now, 7), (fired, 5), (again, 3)):
                dense += len(spikes) * reach
                accumulates += sum(reach for spike in spikes if spike)
            pairs += 12
            silent += sum(1 for spike in (*fired, *again) if not spike)
    return {
        "synops_dense": dense / len(inputs),
        "synops_acs": accumulates / len(inputs),
        "synops_macs": 0,
        "activation_sparsity": silent / pairs,
    }


def in_batches(network: torch.nn.Module, inputs: Tensor, sizes: tuple[int, ...]) -> Callable[[], None]:
    """A function that shows the inputs to the network in batches of these sizes."""

    def look() -> None:
        for batch in inputs.split(list(sizes)):
            network(batch)

    return look

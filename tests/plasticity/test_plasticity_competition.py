"""Competing Hebbian neurons against a loop over samples, neurons and synapses."""

import math

import pytest
import torch

from hpbench.core.errors import InputError
from hpbench.plasticity.competition import Competitors, compete

Rows = list[list[float]]


def literal(
    weights: Rows, wins: list[float], samples: Rows, repulsion: float, homeostasis: float
) -> tuple[Rows, list[float]]:
    """A batch, one synapse at a time."""
    neurons, size = len(weights), len(weights[0])
    mean = sum(wins) / neurons
    change = [[0.0] * size for _ in range(neurons)]
    after = list(wins)
    for sample in samples:
        match = [sum(weights[i][j] * sample[j] for j in range(size)) for i in range(neurons)]
        response = [match[i] - homeostasis * math.log(wins[i] / mean) for i in range(neurons)]
        order = sorted(range(neurons), key=lambda i: -response[i])
        after[order[0]] += 1
        for neuron, sign in ((order[0], 1.0), (order[1], -repulsion)):
            for j in range(size):
                change[neuron][j] += sign * (sample[j] - match[neuron] * weights[neuron][j])
    moved = [[weights[i][j] + change[i][j] / after[i] for j in range(size)] for i in range(neurons)]
    lengths = [math.sqrt(sum(one**2 for one in row)) for row in moved]
    return [[one / length for one in row] for row, length in zip(moved, lengths, strict=True)], after


def drawn(neurons: int = 5, size: int = 7, samples: int = 30) -> tuple[Competitors, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)

    def rows(number: int) -> torch.Tensor:
        made = torch.randn(number, size, dtype=torch.double, generator=generator)
        return torch.nn.functional.normalize(made, dim=1)

    wins = torch.randint(1, 20, (neurons,), generator=generator).double()
    return Competitors(rows(neurons), wins), rows(samples)


@pytest.mark.parametrize("repulsion", [0.0, 0.3])
@pytest.mark.parametrize("homeostasis", [0.0, 0.5])
def test_a_batch_is_what_the_loop_gives(repulsion: float, homeostasis: float) -> None:
    neurons, samples = drawn()
    found = compete(neurons, samples, repulsion=repulsion, homeostasis=homeostasis)
    weights, wins = literal(
        neurons.weights.tolist(), neurons.wins.tolist(), samples.tolist(), repulsion, homeostasis
    )
    assert torch.allclose(found.weights, torch.tensor(weights, dtype=torch.double))
    assert found.wins.tolist() == wins


def test_homeostasis_lets_more_neurons_win() -> None:
    """All samples are near the first of four neurons: without a threshold it wins them all."""
    generator = torch.Generator().manual_seed(1)
    near = torch.tensor([1.0, 0, 0, 0]) + 0.1 * torch.randn(400, 4, generator=generator)
    samples = torch.nn.functional.normalize(near, dim=1)
    won = {}
    for homeostasis in (0.0, 0.5):
        neurons = Competitors(torch.eye(4), torch.ones(4))
        for batch in samples.split(10):
            neurons = compete(neurons, batch, homeostasis=homeostasis)
        won[homeostasis] = neurons.wins
    assert won[0.0].tolist() == [401, 1, 1, 1]
    assert won[0.5].min() > 50


def test_neurons_settle_on_the_mean_of_what_they_win() -> None:
    generator = torch.Generator().manual_seed(2)
    centres = torch.eye(3, dtype=torch.double)
    noise = 0.1 * torch.randn(3000, 3, dtype=torch.double, generator=generator)
    samples = torch.nn.functional.normalize(centres.repeat(1000, 1) + noise, dim=1)
    start = torch.nn.functional.normalize(centres + 0.4, dim=1)
    neurons, steps = Competitors(start, torch.ones(3, dtype=torch.double)), []
    for batch in samples.split(50):
        moved = compete(neurons, batch)
        steps.append(float((moved.weights - neurons.weights).norm()))
        neurons = moved
    assert torch.allclose(neurons.weights, centres, atol=0.03)
    assert max(steps[-10:]) < 0.02 < steps[0]


def test_repulsion_moves_the_runner_up_away() -> None:
    weights = torch.nn.functional.normalize(torch.tensor([[1.0, 0.1], [1.0, 0.5]]), dim=1)
    sample = torch.tensor([[1.0, 0.0]])
    apart = compete(Competitors(weights, torch.ones(2)), sample, repulsion=0.5).weights
    assert float(apart[0] @ sample[0]) > float(weights[0] @ sample[0])
    assert float(apart[1] @ sample[0]) < float(weights[1] @ sample[0])


@pytest.mark.parametrize(("neurons", "size"), [(1, 7), (5, 6)])
def test_what_cannot_compete_is_refused(neurons: int, size: int) -> None:
    with pytest.raises(InputError, match="cannot compete"):
        compete(Competitors(torch.rand(neurons, 7), torch.ones(neurons)), torch.rand(3, size))

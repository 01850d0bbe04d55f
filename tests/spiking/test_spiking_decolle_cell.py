"""The DECOLLE cell equals a loop over samples, places and inputs."""

import itertools

import norse.torch as norse
import pytest
import torch
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.spiking.decolle.cell import DECOLLE_SURROGATES, DecolleCell
from hpbench.spiking.decolle.parameters import DecolleParameters

P = DecolleParameters(membrane_tau=(3.0,), synapse_tau=(2.0,), refractory_weight=0.8)
EACH = pytest.mark.parametrize(
    "p",
    [
        P,
        P._replace(gains="release"),
        P._replace(refractory_weight=0.0),
        P._replace(membrane_tau=(2.0, 9.0), synapse_tau=(1.0, 4.0)),
    ],
    ids=["unit", "release", "without refractory", "drawn"],
)


def conv_cell(p: DecolleParameters, pool: int = 1) -> DecolleCell:
    torch.manual_seed(0)
    return DecolleCell(torch.nn.Conv2d(2, 3, 3, padding=1), (2, 4, 5), p, pool).double()


def trains(*shape: int) -> Tensor:
    return (torch.rand(12, 2, *shape) < 0.5).double()


def stepped(cell: DecolleCell, inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Spikes and membranes of a window (T, B, …)."""
    state, spikes, membranes = None, [], []
    for one in inputs:
        spike, state = cell(one, state)
        spikes.append(spike)
        membranes.append(state.membrane)
    return torch.stack(spikes), torch.stack(membranes)


def literal_traces(cell: DecolleCell, train: Tensor, channel: int) -> list[float]:
    """P(t) of one input neuron, read before it is updated."""
    p = cell.p
    alpha = float(cell.membrane_decay.flatten()[channel if cell.membrane_decay.numel() > 1 else 0])
    beta = float(cell.synapse_decay.flatten()[channel if cell.synapse_decay.numel() > 1 else 0])
    to_p, to_q = (1 - alpha, 1 - beta) if p.gains == "unit" else (1 / (1 - alpha), 1 / (1 - beta))
    current = trace = 0.0
    seen = []
    for spike in train.tolist():
        seen.append(trace)
        current, trace = beta * current + to_q * spike, alpha * trace + to_p * current
    return seen


def literal(cell: DecolleCell, inputs: Tensor, pool: int) -> tuple[Tensor, Tensor]:
    """Spikes and membranes, place by place; kernel 3, padding 1."""
    p, (steps, batch, channels, height, width) = cell.p, inputs.shape
    weight, bias = cell.synapse.weight.tolist(), cell.synapse.bias.tolist()
    gamma = 1 - 1 / p.refractory_tau
    membranes = torch.zeros(steps, batch, 3, height, width, dtype=torch.double)
    for b in range(batch):
        traces = {
            (c, i, j): literal_traces(cell, inputs[:, b, c, i, j], c)
            for c, i, j in itertools.product(range(channels), range(height), range(width))
        }
        for m, i, j in itertools.product(range(3), range(height), range(width)):
            refractory = 0.0
            for t in range(steps):
                u = bias[m] - p.refractory_weight * refractory
                for c, x, y in itertools.product(range(channels), range(3), range(3)):
                    if (c, i + x - 1, j + y - 1) in traces:
                        u += weight[m][c][x][y] * traces[c, i + x - 1, j + y - 1][t]
                membranes[t, b, m, i, j] = u
                gain = 1 - gamma if p.gains == "unit" else 1.0
                refractory = gamma * refractory + gain * (u > 0)
    rows, columns = height // pool, width // pool
    pooled = torch.zeros(steps, batch, 3, rows, columns, dtype=torch.double)
    for i, j in itertools.product(range(rows), range(columns)):
        block = membranes[..., pool * i : pool * (i + 1), pool * j : pool * (j + 1)]
        pooled[..., i, j] = block.flatten(3).max(3).values
    return (pooled > 0).double(), pooled


@EACH
@pytest.mark.parametrize("pool", [1, 2])
def test_equals_a_loop_over_places(p: DecolleParameters, pool: int) -> None:
    cell = conv_cell(p, pool)
    inputs = trains(2, 4, 5)
    spikes, membranes = stepped(cell, inputs)
    expected_spikes, expected = literal(cell, inputs, pool)
    assert torch.equal(spikes, expected_spikes) and 0 < float(spikes.detach().mean()) < 1
    # Decays are kept in single precision, so that a cell made double still has their rounding.
    torch.testing.assert_close(membranes, expected, rtol=1e-6, atol=1e-6)
    assert cell.outputs == tuple(membranes.shape[2:])


@EACH
def test_one_place_is_the_dense_cell(p: DecolleParameters) -> None:
    torch.manual_seed(0)
    dense = DecolleCell(torch.nn.Linear(2, 3), (2,), p).double()
    cell = DecolleCell(torch.nn.Conv2d(2, 3, 1), (2, 1, 1), p).double()
    with torch.no_grad():
        cell.synapse.weight.copy_(dense.synapse.weight[:, :, None, None])
        cell.synapse.bias.copy_(dense.synapse.bias)
    for name, one in dense.named_buffers():
        cell.get_buffer(name).copy_(one.view(cell.get_buffer(name).shape))
    inputs = trains(2)
    ours, other = stepped(dense, inputs), stepped(cell, inputs[..., None, None])
    assert torch.equal(ours[0], other[0].flatten(2))
    torch.testing.assert_close(ours[1], other[1].flatten(2))


def test_a_spike_is_felt_two_steps_later_and_decays_as_the_taus_say() -> None:
    cell = DecolleCell(torch.nn.Linear(1, 1), (1,), P._replace(refractory_weight=0.0)).double()
    with torch.no_grad():
        cell.synapse.weight.fill_(1.0)
        cell.synapse.bias.zero_()
    inputs = torch.zeros(60, 1, 1, dtype=torch.double)
    inputs[3] = 1
    membranes = stepped(cell, inputs)[1].flatten().tolist()
    assert membranes[:5] == [0] * 5
    assert membranes[5] == pytest.approx(1 / 3 * 1 / 2)
    assert sum(membranes) == pytest.approx(1, rel=1e-4), "gains of 1 - decay: the area of a spike is 1"
    assert membranes[40] / membranes[39] == pytest.approx(1 - 1 / 3, rel=1e-4)


def test_gains_of_the_release_are_unit_gains_with_larger_weights() -> None:
    unit, release = (
        conv_cell(P._replace(refractory_weight=0.0)),
        conv_cell(P._replace(refractory_weight=0.0, gains="release")),
    )
    with torch.no_grad():
        unit.synapse.weight.mul_(3.0**2 * 2.0**2)
    inputs = trains(2, 4, 5)
    torch.testing.assert_close(stepped(unit, inputs)[1], stepped(release, inputs)[1], rtol=1e-5, atol=1e-5)


def test_a_neuron_that_fires_is_held_back() -> None:
    def fired(weight: float) -> float:
        cell = DecolleCell(torch.nn.Linear(1, 1), (1,), P._replace(refractory_weight=weight))
        with torch.no_grad():
            cell.synapse.weight.zero_()
            cell.synapse.bias.fill_(0.1)
        return float(stepped(cell, torch.zeros(50, 1, 1))[0].detach().mean())

    assert fired(0.0) == 1
    assert 0.1 < fired(1.0) < 0.5


def test_drawn_taus_are_one_per_channel_and_within_their_range() -> None:
    cell = DecolleCell(torch.nn.Conv2d(200, 1, 1), (200, 3, 3), P._replace(membrane_tau=(5.0, 35.0)))
    taus = 1 / (1 - cell.membrane_decay)
    assert taus.shape == (200, 1, 1)
    assert 5 <= float(taus.min()) < 7 and 33 < float(taus.max()) <= 35
    assert cell.synapse_decay.ndim == 0


@pytest.mark.parametrize("name", ["rectangular", "fast_sigmoid", "sigmoid"])
def test_gradient_of_a_step_is_surrogate_times_trace(name: str) -> None:
    torch.manual_seed(0)
    cell = DecolleCell(torch.nn.Linear(5, 4), (5,), P._replace(surrogate=name)).double()
    state = cell.initial_state(torch.zeros(3, 5, dtype=torch.double))
    state = state._replace(trace=torch.rand(3, 5, dtype=torch.double))
    pulled = torch.randn(3, 4, dtype=torch.double)
    spikes, after = cell(torch.ones(3, 5, dtype=torch.double), state)
    (spikes * pulled).sum().backward()
    slope = pulled * DECOLLE_SURROGATES[name].derivative(after.membrane.detach())
    torch.testing.assert_close(cell.synapse.weight.grad, slope.T @ state.trace)
    torch.testing.assert_close(cell.synapse.bias.grad, slope.sum(0))
    assert float(slope.abs().max()) > 0
    assert not any(one.requires_grad for one in (after.current, after.trace, after.refractory))


def test_norse_sees_a_stateful_cell() -> None:
    cell = conv_cell(P)
    network = norse.SequentialState(cell, torch.nn.Flatten())
    inputs = trains(2, 4, 5)
    state, out = None, []
    for one in inputs:
        flat, state = network(one, state)
        out.append(flat)
    assert torch.equal(torch.stack(out), stepped(cell, inputs)[0].flatten(2))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"gains": "units"}, "gains=units"),
        ({"surrogate": "square"}, "surrogate=square"),
        ({"membrane_tau": (9.0, 3.0)}, "membrane_tau"),
        ({"synapse_tau": (0.5,)}, "synapse_tau"),
        ({"membrane_tau": ()}, "membrane_tau"),
        ({"refractory_tau": 0.0}, "refractory_tau"),
    ],
)
def test_constants_are_checked(wrong: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        conv_cell(P._replace(**wrong))


def test_shapes_are_checked() -> None:
    with pytest.raises(InputError, match=r"\(batch, 2, 4, 5\)"):
        conv_cell(P)(torch.zeros(3, 2, 5, 5))
    with pytest.raises(InputError, match="5x5 places leaves none of 4x5"):
        conv_cell(P, pool=5)

"""Target propagation: its targets against loops, and what the layers of a network learn from them."""

from typing import Any

import literal_credit as literal
import pytest
import torch
from torch import Tensor

from hpbench.plasticity.target_propagation import (
    difference_targets,
    direct_difference_targets,
    gradient_target,
    local_loss,
)
from hpbench.spiking.credit.target_networks import DifferenceTargets, DirectDifferenceTargets
from hpbench.spiking.encoder import Encoder


def test_targets_are_those_of_the_loops() -> None:
    torch.manual_seed(0)
    hidden = [torch.rand(2, n).double() for n in (4, 3, 5)]
    maps = [torch.rand(4, 3).double(), torch.rand(3, 5).double()]
    last, output, target = torch.rand(2, 5).double(), torch.rand(2, 2).double(), torch.rand(2, 2).double()
    straight = [torch.rand(n, 2).double() for n in (4, 3, 5)]
    found = difference_targets(hidden, [lambda h, m=one: h.square() @ m.T for one in maps], last)
    direct = direct_difference_targets(
        hidden, [lambda h, m=one: h.square() @ m.T for one in straight], output, target
    )
    assert found[2] is last
    for b in range(2):
        for i in range(4):
            expected = float(hidden[0][b, i])
            for k in range(3):
                expected += float(maps[0][i, k] * (found[1][b, k] ** 2 - hidden[1][b, k] ** 2))
            assert float(found[0][b, i]) == pytest.approx(expected)
            expected = float(hidden[0][b, i])
            for k in range(2):
                expected += float(straight[0][i, k] * (target[b, k] ** 2 - output[b, k] ** 2))
            assert float(direct[0][b, i]) == pytest.approx(expected)


def test_with_exact_inverses_a_layer_at_its_target_brings_the_next_one_to_its() -> None:
    torch.manual_seed(0)
    turns = [torch.linalg.qr(torch.randn(4, 4).double())[0] for _ in range(2)]
    layers = [lambda h, turn=turn: torch.tanh(h @ turn) for turn in turns]
    inverses = [lambda t, turn=turn: torch.atanh(t) @ turn.T for turn in turns]
    hidden = [torch.rand(3, 4).double() - 0.5]
    for layer in layers:
        hidden.append(layer(hidden[-1]))
    last = hidden[-1] + 0.05 * torch.randn(3, 4).double()
    targets = difference_targets(hidden, inverses, last)
    for number, layer in enumerate(layers):
        torch.testing.assert_close(layer(targets[number]), targets[number + 1])
    assert not torch.allclose(targets[0], hidden[0], atol=1e-3)


def test_a_step_to_the_first_target_lowers_the_loss_of_every_sample_by_the_gradient() -> None:
    activity = torch.rand(4, 3).double().requires_grad_()
    loss = activity.square().sum(1).mean()
    (gradient,) = torch.autograd.grad(loss, activity)
    torch.testing.assert_close(gradient_target(activity, gradient, 0.1), activity * 0.8)
    (pulled,) = torch.autograd.grad(local_loss(activity, activity * 0.8), activity)
    torch.testing.assert_close(pulled, activity * 0.2 / 4)


def made(kind: Any, widths: list[int]) -> Any:
    torch.manual_seed(0)
    network = kind(widths, Encoder("direct", 4, 500.0), "gp", read_out="membrane_mean", target_step=0.7)
    for layer in network.double().layers:
        layer.cell.weight.data.mul_(3)
    return network


def by_loops(network: Any, inputs: Tensor, aims: list[Tensor]) -> list[Tensor]:
    """Gradients of the hidden layers' weights, for ½ ‖rates − t‖² of each layer alone."""
    p, seen, found = network.p, [[one] * 4 for one in inputs.tolist()], []
    for layer, aim in zip(network.layers, aims, strict=False):
        run = literal.run(layer.cell.weight.tolist(), layer.cell.linear.bias.tolist(), seen, p)

        def error(b: int, t: int, i: int, run: Any = run, aim: Any = aim) -> float:
            rate = sum(step[i] for step in run.spikes[b]) / 4
            return (rate - float(aim[b, i])) / 4 / len(inputs)

        of_currents = literal.errors(run, p, error, literal.nothing)
        found.append(torch.tensor(literal.gradient(run, of_currents, p), dtype=torch.float64))
        seen = run.spikes
    return found


@pytest.mark.parametrize("kind", [DifferenceTargets, DirectDifferenceTargets])
def test_hidden_layers_learn_their_own_targets(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    network, inputs = made(kind, [6, 5, 4, 3]), torch.rand(3, 6).double()
    aims: list[Tensor] = []
    find = network._aims

    def kept(*given: Any) -> list[Tensor]:
        aims.extend(find(*given))
        return aims

    monkeypatch.setattr(network, "_aims", kept)
    loss = network(inputs).square().mean()
    (loss + network.local_loss(loss, inputs)).backward()
    expected = by_loops(network, inputs, aims)
    assert len(expected) == 2
    for layer, gradient in zip(network.layers, expected, strict=False):
        assert bool(gradient.any())
        torch.testing.assert_close(layer.cell.weight.grad, gradient)


@pytest.mark.parametrize("kind", [DifferenceTargets, DirectDifferenceTargets])
def test_maps_back_learn_to_give_back_noise(kind: Any) -> None:
    """Their loss falls while nothing else moves."""
    network = made(kind, [6, 20, 16, 3])
    inputs = torch.rand(64, 6).double()
    maps = network.inverses if kind is DifferenceTargets else network.feedback
    optimizer = torch.optim.Adam(maps.parameters(), 0.01)
    losses = []
    for _ in range(60):
        loss = network(inputs).square().mean()
        rates = [one.detach().mean(0) for one in network.taken()]
        lost = torch.stack(network._maps_losses(rates)).sum()
        optimizer.zero_grad()
        lost.backward()
        optimizer.step()
        losses.append(float(lost.detach()))
        del loss
    assert sum(losses[-10:]) < 0.9 * sum(losses[:10])

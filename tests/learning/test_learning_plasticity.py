"""Energy and bilevel θ as settings of a strategy: what the plugins do to a batch, and whole streams."""

import copy
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from stream import small_task

from hpbench.core.errors import InputError
from hpbench.learning.heads import TaskHeads
from hpbench.learning.losses import LOSSES
from hpbench.learning.rules.bilevel import BilevelTheta
from hpbench.learning.rules.energy import ImplicitEnergy
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.supervised import supervised
from hpbench.plasticity.bilevel import BilevelSettings, Objective, hypergradient, split
from hpbench.plasticity.choices import PAIRINGS, VARIANTS
from hpbench.plasticity.energy import hebbian_step
from hpbench.runs import continual as protocol

SQUARED = LOSSES["mse"]


def settings(**changes: Any) -> ContinualSettings:
    return ContinualSettings(**{"network": "hp", "hidden": [12], "batch": 10, **changes})


def model(**changes: Any) -> Any:
    torch.manual_seed(0)
    return supervised(settings(**changes), small_task(time_steps=4)).model


def test_the_plugin_adds_the_energy_of_the_spikes_it_heard() -> None:
    network = model()
    heard = []
    for layer in network.layers:
        layer.register_forward_hook(lambda module, shown, response: heard.append(response.spikes))
    plugin = ImplicitEnergy(network, 30)
    strategy = SimpleNamespace(model=network)
    for _ in range(2):
        heard.clear()
        plugin.before_forward(strategy)
        scores = network(torch.rand(10, 9))
        plugin.after_forward(strategy)
        strategy.loss = loss = scores.square().mean()
        plugin.before_backward(strategy)
        first, second = heard
        expected = -30 * (network.layers[1].cell.linear.weight * hebbian_step(first, second)).sum()
        assert torch.allclose(strategy.loss - loss, expected, rtol=1e-4)
    network(torch.rand(10, 9))
    assert plugin.spikes == []


@pytest.mark.parametrize("changes", [{"network": "ann"}, {"hidden": []}])
def test_energy_needs_two_spiking_layers(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"energy_weight=0\.1 needs a network of two or more spiking layers"):
        supervised(settings(energy_weight=0.1, **changes), small_task())


@pytest.mark.parametrize("headed", [False, True])
def test_the_plugin_gives_theta_the_gradient_of_eq_10(headed: bool) -> None:
    network = model()
    whole = TaskHeads(network, 2) if headed else network
    how = BilevelSettings("exact", 0.05)
    plugin = BilevelTheta(SQUARED, how)
    strategy = SimpleNamespace(model=whole)
    plugin.before_training_exp(strategy)
    theta = network.theta()
    batches = [(torch.rand(10, 9), torch.randint(2, (10,)), torch.full((10,), 1)) for _ in range(2)]
    twin = copy.deepcopy(network)
    for number, (strategy.mb_x, strategy.mb_y, strategy.mb_task_id) in enumerate(batches):
        plugin.before_training_iteration(strategy)
        for one in theta:
            one.grad = torch.ones_like(one)
        plugin.before_update(strategy)
        assert number or all(one.grad is None for one in theta)
    width = slice(2, 4) if headed else slice(None)
    objectives = [Objective(x, y, lambda out, y: SQUARED(out[:, width], y)) for x, y, _ in batches]
    found = hypergradient(twin, split(twin, twin.theta()), *objectives, how)
    for name, one in network.named_parameters():
        if name in found:
            assert torch.allclose(one.grad, found[name])
    assert plugin.memory_samples == 10
    plugin.after_training_exp(strategy)
    assert plugin.memory_samples == 0


@pytest.mark.parametrize(
    ("variant", "pairing"), [*((one, "previous") for one in VARIANTS), ("exact", PAIRINGS[1])]
)
def test_a_whole_stream_with_bilevel_theta_and_energy(variant: str, pairing: str) -> None:
    task = small_task(time_steps=4, regime="task")
    given = settings(theta_gradient=variant, theta_pairing=pairing, theta_lr=0.01, energy_weight=1e-3)
    outcomes, made = [], []
    for one in (given, settings(theta_lr=0.01)):
        torch.manual_seed(0)
        made.append(supervised(one, task))
        outcomes.append(protocol.run(lambda given, task: made[-1], one, task, lambda _: None))
    assert outcomes[0].row["memory_samples"] == 0
    pairs = zip(*(one.model.network.theta() for one in made), strict=True)
    assert all(bool(torch.isfinite(mine).all()) and not torch.equal(mine, joint) for mine, joint in pairs)

"""Features that change after they were counted: what each answer to it does."""

from typing import Any

import pytest
import torch
from stream import small_task
from test_learning_prototypes import means, settings, started

from hpbench.learning.features import features_of
from hpbench.spiking.random.expansion import SpikingExpansion
from hpbench.spiking.window import Window


def hidden(strategy: Any) -> dict[str, torch.Tensor]:
    state = strategy.model.layers[0].state_dict()
    return {name: value.clone() for name, value in state.items()}


def difference(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    return sum(float((one[name] - other[name]).abs().sum()) for name in one)


def moved(drift: str, **changes: Any) -> tuple[float, float]:
    """How far the hidden layer and the last layer move in the second experience."""
    chosen = settings(network="hp", prototype_of="last", feature_drift=drift, **changes)
    strategy, _, benchmark = started(small_task(), chosen)
    strategy.train(benchmark.train[0], eval_streams=[])
    before, last = hidden(strategy), strategy.model.layers[1].cell.linear.weight.detach().clone()
    strategy.train(benchmark.train[1], eval_streams=[])
    return (
        difference(before, hidden(strategy)),
        float((strategy.model.layers[1].cell.linear.weight - last).abs().sum().detach()),
    )


def test_fixed_features_stay_weights_theta_and_trace_while_the_last_layer_learns() -> None:
    layer, last = moved("fixed")
    assert layer == 0 and last > 0


def test_slow_features_move_less() -> None:
    free, slow = moved("ignored")[0], moved("slow", slow_factor=0.01)[0]
    assert 0 < slow < 0.2 * free


def test_slow_rates_are_a_group_of_their_own_made_once() -> None:
    chosen = settings(network="hp", prototype_of="last", feature_drift="slow", slow_factor=0.1)
    task = small_task()
    strategy, _, benchmark = started(task, chosen)
    for experience in [*benchmark.train, *benchmark.train]:
        strategy.train(experience, eval_streams=[])
    rates = sorted(group["lr"] for group in strategy.optimizer.param_groups)
    assert rates == pytest.approx([5e-5, 5e-4, 1e-3, 1e-2])  # θ and weights, slowed and not
    every = [id(one) for group in strategy.optimizer.param_groups for one in group["params"]]
    assert sorted(every) == sorted(id(one) for one in strategy.model.parameters())


def test_refreshed_means_are_those_of_the_network_after_the_experience_that_had_the_samples() -> None:
    task = small_task()
    chosen = settings(prototype_of="last", feature_drift="refreshed")
    strategy, prototypes, benchmark = started(task, chosen)
    wanted = torch.zeros(4, 16, dtype=torch.double)
    for number, experience in enumerate(benchmark.train):
        strategy.train(experience, eval_streams=[])
        part = task.train[number]
        features = torch.relu(strategy.model[1](part.inputs)).detach()
        own = slice(2 * number, 2 * number + 2)
        wanted[own] = means(features, part.targets - 2 * number, 2)
        assert torch.allclose(prototypes.memory.means.double(), wanted, atol=1e-5)
    assert prototypes.memory.counts.sum() == sum(len(part.targets) for part in task.train)


def test_an_expansion_is_drawn_by_its_seed_and_never_changes() -> None:
    strategy, prototypes, benchmark = started(small_task(), settings(expansion=32))
    assert prototypes.reader.expansion is not None
    before = prototypes.reader.expansion.layer.cell.linear.weight.clone()
    strategy.train(benchmark.train[0], eval_streams=[])
    assert torch.equal(prototypes.reader.expansion.layer.cell.linear.weight, before)
    drawn = [SpikingExpansion(9, 32, 4, 10, seed).layer.cell.linear.weight for seed in (0, 0, 1)]
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    assert (drawn[0] != 0).sum(1).eq(4).all()


def test_an_expansion_spikes_alike_for_values_their_multiple_and_a_window_of_them() -> None:
    expansion = SpikingExpansion(9, 64, 9, 10, 0)
    x = torch.rand(5, 9)
    spikes = expansion(x).values
    assert spikes.shape == (10, 5, 64) and set(spikes.unique().tolist()) == {0, 1}
    assert torch.equal(expansion(Window(2 * x, 10)).values, spikes)
    assert torch.allclose(expansion(Window(x.expand(10, 5, 9))).values, spikes)


def test_features_by_hand() -> None:
    spikes = torch.tensor([[[1.0, 0.0]], [[1.0, 1.0]]])
    assert features_of(Window(spikes), "raw").tolist() == [[1, 0.5]]
    assert features_of(Window(spikes), "counts").tolist() == [[2, 1]]
    assert features_of(torch.tensor([[3.0, 4.0]]), "unit")[0].tolist() == pytest.approx([0.6, 0.8])

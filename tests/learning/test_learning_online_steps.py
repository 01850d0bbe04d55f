"""Weights move at every step after the burn-in, as a loop written out moves them."""

from typing import Any

import pytest
import torch
from avalanche.core import SupervisedPlugin
from stream import small_task

from hpbench.core.errors import InputError
from hpbench.core.outcome import Outcome
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.strategy import adopt
from hpbench.registry import find, load
from hpbench.runs.continual import run
from hpbench.runs.seeding import seed_everything
from hpbench.tasks.continual import ContinualTask

decolle: Any = load(find("strategies", "decolle"))

BURN_IN, STEPS = 4, 10

WIDE = {"hidden": [64, 64], "lr": 0.003, "amplitude": 0.5}
"""A network large enough to learn with half of it left out."""


class Notes(SupervisedPlugin):
    """First-layer weights when a batch begins, before and after every update, and when it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.weights: list[torch.Tensor] = []
        self.losses: list[torch.Tensor] = []
        self.mean = torch.zeros(())

    def _note(self, strategy: Any) -> None:
        model = getattr(strategy.model, "network", strategy.model)
        self.weights.append(model.layers[0].cell.synapse.weight.detach().clone())

    def before_training_iteration(self, strategy: Any, **kwargs: Any) -> None:
        self._note(strategy)

    def before_update(self, strategy: Any, **kwargs: Any) -> None:
        self._note(strategy)
        self.losses.append(strategy.loss.detach())

    def after_update(self, strategy: Any, **kwargs: Any) -> None:
        self._note(strategy)

    def after_training_iteration(self, strategy: Any, **kwargs: Any) -> None:
        self._note(strategy)
        self.mean = strategy.loss
        strategy.stop_training()


def settings(**changes: Any) -> Any:
    return decolle.Settings(**{"hidden": [16, 12], "batch": 20, "lr": 0.01, "amplitude": 2.0, **changes})


def made(task: ContinualTask, **changes: Any) -> Any:
    seed_everything(0)
    strategy = decolle.continual(settings(**changes), task)
    adopt(strategy, Benchmark(task).store)
    return strategy


def outcome(task: ContinualTask, **changes: Any) -> Outcome:
    seed_everything(0)
    return run(decolle.continual, settings(**changes), task, lambda _: None)


@pytest.mark.parametrize("regime", ["class", "task"])
def test_weights_move_at_every_step_after_the_burn_in_and_not_before(regime: str) -> None:
    task = small_task(regime=regime, time_steps=STEPS)
    strategy, notes = made(task), Notes()
    strategy.plugins.append(notes)
    network = getattr(strategy.model, "network", strategy.model)
    fixed = [layer.random.clone() for layer in network.layers]
    strategy.train(Benchmark(task).train[0], eval_streams=[])
    first, *between, last = notes.weights
    before, after = between[::2], between[1::2]
    assert len(before) == len(after) == STEPS - BURN_IN
    assert torch.equal(first, before[0]), "the burn-in"
    assert all(not torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert all(torch.equal(one, other) for one, other in zip(before[1:], after[:-1], strict=True))
    assert torch.equal(after[-1], last)
    assert all(torch.equal(layer.random, one) for layer, one in zip(network.layers, fixed, strict=True))
    assert not any("random" in name for name, _ in network.named_parameters())
    torch.testing.assert_close(notes.mean, torch.stack(notes.losses).mean())


def literal_batch(network: Any, inputs: torch.Tensor, targets: torch.Tensor, lr: float) -> torch.Tensor:
    """A batch of held inputs learned as the paper's equations say; the mean of the last layer's read-outs.

    No autograd, no optimizer: error, random matrix, surrogate, trace, and Adamax with β1 = 0.
    """
    p = network.p
    alpha, beta = 1 - 1 / p.membrane_tau[0], 1 - 1 / p.synapse_tau[0]
    gamma = 1 - 1 / p.refractory_tau
    cells = [layer.cell for layer in network.layers]
    size = [[torch.zeros_like(one) for one in cell.parameters()] for cell in cells]
    q = [torch.zeros(len(inputs), *cell.inputs) for cell in cells]
    trace = [one.clone() for one in q]
    r = [torch.zeros(len(inputs), *cell.outputs) for cell in cells]
    one_hot = torch.nn.functional.one_hot(targets, network.layers[0].random.shape[0])
    read_outs = []
    for t in range(STEPS):
        values = inputs
        for place, layer in enumerate(network.layers):
            weight, bias = layer.cell.synapse.weight.data, layer.cell.synapse.bias.data
            u = trace[place] @ weight.T + bias - p.refractory_weight * r[place]
            s = (u > 0).float()
            if t >= BURN_IN:
                y = s @ layer.random.T
                error = (y - one_hot).clamp(-1, 1) / y.numel()
                local = (error @ layer.random) * (u.abs() < 0.5)
                for one, slope, largest in zip(
                    (weight, bias), (local.T @ trace[place], local.sum(0)), size[place], strict=True
                ):
                    largest.copy_(torch.maximum(0.95 * largest, slope.abs() + 1e-8))
                    one -= lr * slope / largest
                if place == len(network.layers) - 1:
                    read_outs.append(y)
            trace[place], q[place], r[place] = (
                alpha * trace[place] + (1 - alpha) * q[place],
                beta * q[place] + (1 - beta) * values,
                gamma * r[place] + (1 - gamma) * s,
            )
            values = s
    return torch.stack(read_outs).mean(0)


def test_a_batch_is_learned_as_the_equations_say() -> None:
    task = small_task(time_steps=STEPS)
    options = {"dropout": 0.0, "synapse_tau": [2.0], "refractory_weight": 0.3, "halve_every": 0}
    ours, theirs = made(task, **options), made(task, **options)
    seen = []

    class Keep(SupervisedPlugin):
        def after_training_iteration(self, strategy: Any, **kwargs: Any) -> None:
            seen.extend((strategy.mb_x, strategy.mb_y, strategy.mb_output))
            strategy.stop_training()

    ours.plugins.append(Keep())
    ours.train(Benchmark(task).train[0], eval_streams=[])
    scores = literal_batch(theirs.model, seen[0], seen[1], 0.01)
    # A membrane that lies on the threshold to rounding would make a difference; none does here.
    torch.testing.assert_close(seen[2], scores)
    for mine, other in zip(ours.model.parameters(), theirs.model.parameters(), strict=True):
        torch.testing.assert_close(mine, other)


@pytest.mark.parametrize(
    ("regime", "loss"),
    [("class", "smooth_l1"), ("task", "smooth_l1"), ("domain", "mse"), ("class", "cross_entropy")],
)
def test_it_learns_through_the_protocol(regime: str, loss: str) -> None:
    found = outcome(small_task(regime=regime, time_steps=STEPS, passes=4), loss=loss, **WIDE)
    assert found.row["network"] == "decolle" and found.row["surrogate"] == "rectangular"
    assert min(row[number] for number, row in enumerate(found.details["R"])) > 0.85
    assert found.details["curve"][-1]["accuracy"] > 0.8


def test_the_same_seed_gives_the_same_figures() -> None:
    one, other = (outcome(small_task(encoding="poisson", time_steps=STEPS)) for _ in range(2))
    assert one.details["R"] == other.details["R"] and one.details["curve"] == other.details["curve"]


def test_the_step_is_halved_after_so_many_batches_and_stays_so() -> None:
    task = small_task(time_steps=STEPS)
    strategy = made(task, halve_every=3)
    rates = []

    class Rates(SupervisedPlugin):
        def before_training_iteration(self, strategy: Any, **kwargs: Any) -> None:
            rates.append(strategy.optimizer.param_groups[0]["lr"])

    strategy.plugins.append(Rates())
    for experience in Benchmark(task).train:
        strategy.train(experience, eval_streams=[])
    assert len(rates) > 6
    assert rates == pytest.approx([0.01 * 0.5 ** (number // 3) for number in range(len(rates))])


def test_the_published_network_is_built_with_its_own_read_out_and_time_constants() -> None:
    task = small_task(encoding="poisson", time_steps=60)
    small = {
        "kernels": [2, 3, 2],
        "pools": [1, 1, 1],
        "hidden": None,
        "kernel_size": 3,
        "batch": None,
        "lr": None,
    }
    strategy = made(task, preset="published", test_steps=90, padding=1, **small)
    network = strategy.model
    assert (strategy.train_mb_size, network.burn_in) == (64, 6)
    assert (network.encoder.steps, network.test_encoder.steps) == (60, 90)
    assert network.layers[0].sigmoid and network.decision == "vote"
    assert network.p.gains == "release" and network.p.membrane_tau == (5.0, 35.0)
    assert strategy.optimizer.defaults["betas"] == (0.0, 0.95) and strategy.optimizer.defaults["lr"] == 5e-7


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match=r"scenario.time_steps to 5"):
        made(small_task(time_steps=4))
    with pytest.raises(InputError, match="pool"):
        made(small_task(time_steps=STEPS), kernels=[4], pools=[4], hidden=[], kernel_size=3, padding=1)

"""Templates, parameter groups, heads, and the plugins of the engine."""

from typing import Any

import pytest
import torch
from avalanche.training.plugins import ReplayPlugin
from avalanche.training.templates import SupervisedTemplate
from stream import small_task

from hpbench.learning.benchmark import Benchmark
from hpbench.learning.best_pass import BestPass
from hpbench.learning.heads import TaskHeads
from hpbench.learning.losses import mean_squared_error
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.strategy import adopt, stored_samples
from hpbench.learning.supervised import supervised
from hpbench.learning.watch import LearningCurve, Predictions
from hpbench.runs import continual as protocol


def settings(**changes: Any) -> ContinualSettings:
    return ContinualSettings(**{"network": "hp", "hidden": [16], "batch": 10, **changes})


def test_theta_keeps_a_group_of_its_own_with_its_own_rate() -> None:
    task = small_task()
    benchmark = Benchmark(task)
    strategy = adopt(supervised(settings(lr=0.01, theta_lr=0.002), task), benchmark.store)
    for experience in benchmark.train:
        strategy.train(experience, eval_streams=[])
    weights, theta = strategy.optimizer.param_groups
    assert (weights["lr"], theta["lr"]) == (0.01, 0.002)
    assert {id(one) for one in theta["params"]} == {id(one) for one in strategy.model.theta()}
    every = [id(one) for group in (weights, theta) for one in group["params"]]
    assert sorted(every) == sorted(id(one) for one in strategy.model.parameters())


def test_two_groups_step_as_two_optimizers_would() -> None:
    task = small_task()
    torch.manual_seed(0)
    one = supervised(settings(), task)
    torch.manual_seed(0)
    two = supervised(settings(), task)
    theta = two.model.theta()
    ids = {id(parameter) for parameter in theta}
    weights = [parameter for parameter in two.model.parameters() if id(parameter) not in ids]
    pair = [torch.optim.Adam(weights, lr=1e-3), torch.optim.Adam(theta, lr=5e-4)]
    part = task.train[0]
    for inputs, targets in zip(part.inputs.split(10), part.targets.split(10), strict=True):
        one.optimizer.zero_grad()
        mean_squared_error(one.model(inputs), targets).backward()
        one.optimizer.step()
        for optimizer in pair:
            optimizer.zero_grad()
        mean_squared_error(two.model(inputs), targets).backward()
        for optimizer in pair:
            optimizer.step()
    for mine, theirs in zip(one.model.parameters(), two.model.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_a_sample_reads_the_head_of_its_task() -> None:
    class Scores(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    scores = torch.arange(12.0).reshape(3, 4).requires_grad_()
    read = TaskHeads(Scores(), 2)(scores, torch.tensor([0, 1, 0]))
    assert read.tolist() == [[0, 1], [6, 7], [8, 9]]
    read.sum().backward()
    assert scores.grad.tolist() == [[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 0, 0]]


def test_squared_error_is_the_mean_over_batch_and_outputs() -> None:
    scores = torch.tensor([[0.5, 0.0], [1.0, 1.0]])
    assert float(mean_squared_error(scores, torch.tensor([0, 1]))) == pytest.approx((0.25 + 0 + 1 + 0) / 4)


def test_replay_stores_what_its_row_says_and_joint_has_everything() -> None:
    task = small_task()
    benchmark = Benchmark(task)
    strategy = adopt(supervised(settings(), task, plugins=[ReplayPlugin(mem_size=24)]), benchmark.store)
    assert stored_samples(strategy, task) == 0
    for experience in benchmark.train:
        strategy.train(experience, eval_streams=[])
    assert stored_samples(strategy, task) == 24
    joint = supervised(settings(), task, joint=True)
    assert stored_samples(joint, task) == sum(len(part.targets) for part in task.train)


def test_best_pass_goes_back_to_the_pass_that_was_best_on_validation_data() -> None:
    task = small_task(passes=3, selection="validation")
    benchmark = Benchmark(task)
    strategy = adopt(supervised(settings(network="ann", lr=0.01), task), benchmark.store)
    plugin = BestPass(benchmark.scenario.streams["validation"], benchmark.store)
    states, scores = [], iter([0.5, 0.9, 0.7])

    def judge(strategy: Any, parts: list[Any]) -> float:
        assert [part.current_experience for part in parts] == [0]
        states.append({name: value.clone() for name, value in strategy.model.state_dict().items()})
        return next(scores)

    plugin._accuracy = judge  # type: ignore[method-assign]
    strategy.plugins.insert(0, plugin)
    strategy.train(benchmark.train[0], eval_streams=[])
    kept = strategy.model.state_dict()
    assert all(torch.equal(kept[name], states[1][name]) for name in kept)
    assert not all(torch.equal(kept[name], states[2][name]) for name in kept)


def test_the_curve_counts_every_sample_of_every_pass() -> None:
    task = small_task(passes=2)
    benchmark = Benchmark(task)
    strategy = adopt(supervised(settings(network="ann"), task), benchmark.store)
    seen = []
    curve = LearningCurve(seen.append, [1, 1], 2)
    strategy.plugins.insert(0, curve)
    for experience in benchmark.train:
        strategy.train(experience, eval_streams=[])
    total = 2 * sum(len(part.targets) for part in task.train)
    assert curve.points[-1].samples == curve.samples == total
    assert curve.epochs == [2, 2]
    assert seen[-1].batch == seen[-1].batches
    assert all(0 <= point.accuracy <= 1 for point in curve.points)


def test_predictions_count_targets_by_predictions() -> None:
    task = small_task()
    benchmark = Benchmark(task)
    strategy = adopt(supervised(settings(network="ann"), task), benchmark.store)
    predictions = Predictions(task.outputs)
    strategy.plugins.insert(0, predictions)
    strategy.train(benchmark.train[0], eval_streams=[])
    strategy.eval(benchmark.evaluated)
    for matrix, part in zip(predictions.matrices(), task.test, strict=True):
        scores = strategy.model(part.inputs).argmax(1)
        for target in range(4):
            for guess in range(4):
                count = ((part.targets == target) & (scores == guess)).sum()
                assert matrix[target, guess] == count


def test_any_avalanche_template_can_be_returned() -> None:
    task = small_task()

    def plain(settings: Any, task: Any) -> SupervisedTemplate:
        model = torch.nn.Linear(9, task.outputs)
        return SupervisedTemplate(
            model=model,
            optimizer=torch.optim.SGD(model.parameters(), lr=0.1),
            train_mb_size=8,
            evaluator=None,
        )

    outcome = protocol.run(plain, None, task, lambda progress: None)
    assert outcome.row["network"] == "Linear" and outcome.row["accuracy"] > 0.4


def test_what_is_no_template_is_refused() -> None:
    with pytest.raises(TypeError, match="SupervisedTemplate"):
        protocol.run(lambda settings, task: object(), None, small_task(), lambda progress: None)

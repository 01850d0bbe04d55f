"""Paths, importances and the penalty of synaptic intelligence."""

from typing import Any

import pytest
import torch
from avalanche.core import SupervisedPlugin
from avalanche.training.plugins import SynapticIntelligencePlugin
from stream import small_task

from hpbench.learning.benchmark import Benchmark
from hpbench.learning.rules.synaptic_intelligence import (
    SynapticIntelligence,
    added_importance,
    penalty_gradient,
)
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.strategy import adopt
from hpbench.learning.supervised import supervised

SETTINGS = ContinualSettings(network="ann", hidden=[6], batch=20, lr=0.01)


def trained(plugin: Any, experiences: int = 2, other: Any = None) -> Any:
    task = small_task()
    benchmark = Benchmark(task)
    torch.manual_seed(0)
    plugins = [one for one in (other, plugin) if one is not None]
    strategy = adopt(supervised(SETTINGS, task, plugins=plugins), benchmark.store)
    for experience in benchmark.train[:experiences]:
        strategy.train(experience, eval_streams=[])
    return strategy


def test_importance_worked_out_by_hand() -> None:
    # Two steps 0 → 1 → 3 with gradients −2 and −1: ω = 2·1 + 1·2 = 4, over 3² + 1.
    path = torch.tensor([2.0 * 1 + 1.0 * 2, -5.0])
    weight, anchor = torch.tensor([3.0, 1.0]), torch.tensor([0.0, 0.0])
    assert added_importance(path, weight, anchor, 1.0).tolist() == [pytest.approx(0.4), 0]


def test_the_gradient_is_that_of_the_penalty() -> None:
    weight = torch.randn(4, 3, dtype=torch.double, requires_grad=True)
    anchor, importance = torch.randn(4, 3, dtype=torch.double), torch.rand(4, 3, dtype=torch.double)
    (7.0 * (importance * (weight - anchor) ** 2).sum()).backward()
    torch.testing.assert_close(penalty_gradient(weight, anchor, importance, 7.0), weight.grad)


class Notes(SupervisedPlugin):
    """Gradient of the loss, weight before and weight after, of each step of the first layer."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[list[torch.Tensor]] = []

    def after_backward(self, strategy: Any, **kwargs: Any) -> None:
        weight = strategy.model[1].weight
        self.steps.append([weight.grad.clone(), weight.detach().clone()])

    def after_update(self, strategy: Any, **kwargs: Any) -> None:
        self.steps[-1].append(strategy.model[1].weight.detach().clone())


def test_paths_add_up_gradient_times_step() -> None:
    plugin, notes = SynapticIntelligence(c=3.0, damping=0.1), Notes()
    trained(plugin, 1, notes)
    path = -sum(gradient * (after - before) for gradient, before, after in notes.steps)
    expected = path.clamp(min=0) / ((notes.steps[-1][2] - notes.steps[0][1]) ** 2 + 0.1)
    torch.testing.assert_close(plugin.importance["1.weight"], expected)
    assert float(expected.max()) > 0


def test_a_strong_penalty_holds_the_important_weights_and_none_does_not() -> None:
    def moved(c: float) -> float:
        plugin = SynapticIntelligence(c, 0.1)
        strategy = trained(plugin)
        change = strategy.model[1].weight.detach() - plugin._anchor["1.weight"]
        return float((plugin.importance["1.weight"] * change**2).sum())

    assert moved(1e4) < 0.1 * moved(0.0)


def test_avalanches_importances_are_all_0_on_a_cpu() -> None:
    """Why its plugin is not used; if this fails, it can be."""
    plugin = SynapticIntelligencePlugin(1.0)
    trained(plugin, 1)
    assert all(float(one.data.abs().max()) == 0 for one in plugin.ewc_data[1].values())

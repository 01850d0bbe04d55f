"""θ that learns apart from the weights, and models whose masks know the task."""

from typing import Any

import pytest
import torch
from stream import small_task

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.core.stream import why_not
from hpbench.learning.heads import TaskMasks
from hpbench.learning.prepared import prepared
from hpbench.runs import continual as protocol
from hpbench.spiking.multitask.network import MultitaskNetwork

hp = registry.load(registry.find("strategies", "hp"))
MASKED = {"architecture": "multitask", "task_masks": 0.4, "theta_start": "multitask"}


def settings(**changes: Any) -> Any:
    return hp.Settings(**{"hidden": [12], "batch": 10, **changes})


def test_theta_learns_only_in_passes_of_its_own_and_samples_are_counted() -> None:
    task = small_task(regime="task")
    ready = prepared(hp.continual, settings(theta_rehearsal=1, theta_lr=0.01), task, "continual")
    strategy, benchmark = ready
    network = strategy.model.network
    [theta] = [plugin for plugin in strategy.plugins if type(plugin).__name__ == "ThetaRehearsal"]
    states = [[one.clone() for one in network.theta()]]
    weights = []
    for number, experience in enumerate(benchmark.train):
        first = theta.after_training_exp

        def recorded(of: Any, first: Any = first, **rest: Any) -> None:
            before = [one.clone() for one in network.parameters()]
            first(of, **rest)
            own = {id(one) for one in network.theta()}
            weights.append(
                all(
                    torch.equal(old, new)
                    for old, new in zip(before, network.parameters(), strict=True)
                    if id(new) not in own
                )
            )

        theta.after_training_exp = recorded
        strategy.train(experience, eval_streams=[])
        theta.after_training_exp = first
        states.append([one.clone() for one in network.theta()])
        assert theta.memory_samples == len(task.train[0].targets), number
    assert all(weights)
    assert any(not torch.equal(old, new) for old, new in zip(states[0], states[1], strict=True))
    assert all(torch.equal(old, new) for old, new in zip(states[1], states[2], strict=True))


def test_a_row_says_that_the_task_was_given_and_what_was_kept() -> None:
    task = small_task(regime="task")
    outcome = protocol.run(hp.continual, settings(**MASKED, theta_rehearsal=2), task, lambda progress: None)
    assert outcome.row["head"] == "masked"
    assert outcome.row["task_identity_at_test"] is True
    assert outcome.row["memory_samples"] == sum(len(part.targets) for part in task.train[:2])
    assert outcome.row["trace_at_test"] == "batch"


def test_masks_share_the_outputs_and_split_a_batch_by_task() -> None:
    torch.manual_seed(0)
    task = small_task(regime="task")
    strategy, _ = prepared(hp.continual, settings(**MASKED), task, "continual")
    model = strategy.model
    assert isinstance(model, TaskMasks)
    assert isinstance(model.network, MultitaskNetwork)
    inputs, tasks = torch.rand(6, *task.input_shape) * 3, torch.tensor([1, 0, 1, 1, 0, 0])
    scores = model(inputs, tasks)
    assert scores.shape == (6, task.outputs // len(task.train))
    for number in (0, 1):
        assert torch.equal(scores[tasks == number], model.network(inputs[tasks == number], number))


@pytest.mark.parametrize(
    ("changes", "regime", "words"),
    [
        (MASKED, "class", "mask of a sample's task must be known at test: set scenario.regime=task"),
        ({**MASKED, "task_masks": 0.0}, "class", ""),
        (MASKED, "task", ""),
    ],
)
def test_masks_need_the_task_at_test(changes: dict[str, Any], regime: str, words: str) -> None:
    reason = why_not(hp.continual, settings(**changes), small_task(regime=regime).stream())
    assert (words in reason) if words else not reason


def test_a_trace_that_begins_empty_cannot_be_frozen() -> None:
    with pytest.raises(InputError, match="trace_at_test=frozen does not fit"):
        settings(**MASKED, trace_at_test="frozen").check()


def test_weights_outside_of_the_mask_of_the_task_stay_as_they_are() -> None:
    task = small_task(regime="task")
    strategy, benchmark = prepared(hp.continual, settings(**MASKED), task, "continual")
    network = strategy.model.network
    for number, experience in enumerate(benchmark.train):
        before = [layer.weight.detach().clone() for layer in [*network.layers, network.output]]
        strategy.train(experience, eval_streams=[])
        for old, layer, mask in zip(
            before, [*network.layers, network.output], network.masks(number), strict=True
        ):
            moved = (layer.weight.detach() != old).flatten()
            assert moved[mask.places].any()
            moved[mask.places] = False
            assert not moved.any()

"""Every strategy on every kind of stream, with and without prototypes: it runs, or says why not."""

from dataclasses import fields
from typing import Any

import pytest
import torch
from stream import pictures, small_task
from test_learning_baselines import module_of, settings_of
from test_learning_prototypes import settings, started

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.core.outcome import Outcome
from hpbench.data.images.image_data import ImageData
from hpbench.learning.prototypes.settings import PrototypeSettings
from hpbench.runs.continual import run
from hpbench.runs.seeding import seed_everything
from hpbench.streams.online import OnlineSettings, online
from hpbench.streams.permuted import PermutedSettings, permuted
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

STRATEGIES = [one.name for one in registry.entries("strategies") if "continual" in one.protocols]
PROTOTYPES = [one.name for one in fields(PrototypeSettings)]
AT_BOUNDARIES = {"agem", "der", "ewc", "gdumb", "gem", "icarl", "lwf", "si"}
WITHOUT_PROTOTYPES = {"decolle", "der", "icarl", "ncm", "slda"}
"""What has a training loop, a classifier or layers of its own, and no such settings."""


def outcome(name: str, task: ContinualTask, **changes: Any) -> Outcome:
    seed_everything(0)
    return run(module_of(name).continual, settings_of(name, **changes), task, lambda progress: None)


def small_online(boundaries: str) -> ContinualTask:
    return online(small_task(), OnlineSettings(boundaries=boundaries))


def small_permuted() -> ContinualTask:
    data = ImageData("small", *pictures(50, 0), *pictures(20, 1), "made here")
    return permuted(data, PermutedSettings(tasks=3, passes=2), Resources(None, "cpu", print))


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("boundaries", ["told", "hidden"])
def test_an_online_stream_is_learned_or_refused(name: str, boundaries: str) -> None:
    changes = {"features": "pixels"} if name in ("ncm", "slda") else {}
    if boundaries == "hidden" and name in AT_BOUNDARIES:
        with pytest.raises(InputError, match=r"acts where an experience ends.* scenario\.boundaries=told"):
            outcome(name, small_online(boundaries), **changes)
        return
    assert 0.1 < outcome(name, small_online(boundaries), **changes).row["accuracy"] <= 1


@pytest.mark.parametrize("name", ["ncm", "slda"])
def test_without_boundaries_a_network_makes_features_only_as_it_was_drawn(name: str) -> None:
    task = small_online("hidden")
    with pytest.raises(InputError, match=r"strategy\.learning_experiences=1 .*learning_experiences=0"):
        outcome(name, task)
    assert outcome(name, task, learning_experiences=0).row["accuracy"] > 0.3


@pytest.mark.parametrize("name", sorted(set(STRATEGIES) - {"icarl"}))
def test_a_permuted_stream_is_learned(name: str) -> None:
    assert outcome(name, small_permuted()).row["accuracy"] > 0.3


@pytest.mark.parametrize("name", STRATEGIES)
def test_prototypes_stand_beside_a_strategy_or_it_has_no_such_settings(name: str) -> None:
    if name in WITHOUT_PROTOTYPES:
        assert [one for one in PROTOTYPES if hasattr(settings_of(name), one)] == []
        return
    made = outcome(name, small_task(), prototypes=True, prototype_of="input")
    assert made.row["accuracy"] > 0.9
    seen = made.details["prototypes"]["samples_by_class"]
    assert seen == [45] * 4 if name != "gdumb" else sum(seen) <= 2 * 26


@pytest.mark.parametrize("drift", ["fixed", "slow", "refreshed"])
def test_without_boundaries_no_drift_is_answered(drift: str) -> None:
    task = small_online("hidden")
    with pytest.raises(InputError, match=rf"strategy\.feature_drift={drift} .*feature_drift=ignored"):
        outcome("gp", task, prototypes=True, feature_drift=drift)
    for changes in ({"feature_drift": "ignored"}, {"prototype_of": "input"}):
        made = outcome("gp", task, prototypes=True, **changes)
        assert made.details["prototypes"]["samples_by_class"] == [45] * 4


@pytest.mark.parametrize("drift", ["ignored", "refreshed"])
def test_prototypes_of_a_permuted_stream_are_means_of_the_permuted_samples(drift: str) -> None:
    task = small_permuted()
    changes = {"prototype_of": "0", "prototype_read_out": "nearest", "feature_drift": drift}
    strategy, prototypes, benchmark = started(task, settings(**changes))
    for experience in benchmark.train:
        strategy.train(experience, eval_streams=[])
    shown = [
        part.inputs if part.permutation is None else part.inputs[:, part.permutation] for part in task.train
    ]
    targets = torch.cat([part.targets for part in task.train])
    for label in range(4):
        expected = torch.cat(shown)[targets == label].mean(0)
        torch.testing.assert_close(prototypes.memory.means[label], expected)


def test_a_teacher_is_the_network_alone_if_the_loss_sees_the_network_alone() -> None:
    """LwF copies the model while prototypes are attached to it."""
    task = small_task()
    plain, beside = (
        outcome("lwf", task, **changes) for changes in ({}, {"prototypes": True, "feature_drift": "ignored"})
    )
    losses = [[point["loss"] for point in made.details["curve"]] for made in (plain, beside)]
    assert losses[0] == losses[1]

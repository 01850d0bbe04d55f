"""The robustness protocol on events: strategies, disturbances, folds, and the test on another set."""

from typing import Any

import numpy as np
import pytest
import torch
from toy_events import Blobs, blobs, events_task
from toy_noise import strategy

from hpbench.core.errors import InputError
from hpbench.core.levels import from_text
from hpbench.core.outcome import Outcome
from hpbench.data.events.source import EventData
from hpbench.disturb.events.disturbances import EVENT_DISTURBANCES
from hpbench.runs.robustness import run

CONVOLUTIONAL = {"kernels": [8], "kernel_size": 3, "hidden": [32]}


def outcome(name: str, changes: Any = None, **scenario: Any) -> Outcome:
    builder, settings = strategy(name, **(CONVOLUTIONAL | (changes or {})))
    return run(builder, settings, events_task(f"{name} {scenario}", **scenario), lambda progress: None)


def everything(inputs: Any) -> torch.Tensor:
    found: torch.Tensor = inputs[torch.arange(len(inputs))]
    return found


@pytest.mark.parametrize("name", ["hp", "gp", "lp", "ann", "hp_fgsm", "ewc", "replay"])
@pytest.mark.parametrize("kernels", [[8], []])
def test_strategies_learn_events_and_are_put_through_noise(name: str, kernels: list[int]) -> None:
    found = outcome(name, {"kernels": kernels}, disturbances=["background_activity", "drop_events"])
    row = found.row
    if name != "lp":  # whose few random neurons hardly fire here
        assert row["clean_accuracy"] > 0.8
    if name not in ("ewc", "replay", "ann"):
        assert (row["encoding"], row["time_steps"]) == ("frames", 4)
    assert list(from_text(row["by_level"])) == ["background_activity", "drop_events"]
    assert found.details["skipped"] == 3
    assert row["synops_dense"] > row["synops_acs"] + row["synops_macs"] > 0


@pytest.mark.parametrize("representation", ["frames", "voxel_grid", "time_surface"])
@pytest.mark.parametrize("name", ["hp", "ann"])
def test_every_representation_can_be_learned(name: str, representation: str) -> None:
    assert outcome(name, representation=representation, levels=[0.0]).row["clean_accuracy"] > 0.7


@pytest.mark.parametrize("name", sorted(set(EVENT_DISTURBANCES) - {"recorded_noise"}))
def test_every_disturbance_can_be_asked_for(name: str) -> None:
    task = events_task(disturbances=[name])
    largest = task.levels[name][-1]
    assert not torch.equal(everything(task.disturbed(name, largest)), everything(task.tested.inputs))
    assert torch.equal(everything(task.disturbed(name, largest)), everything(task.disturbed(name, largest)))


def test_folds_share_out_all_recordings_class_by_class() -> None:
    parts = [events_task(folds=4, seed=seed) for seed in range(4)]
    sizes = [len(one.tested.targets) for one in parts]
    assert sum(sizes) == 160
    tested = [tuple(map(tuple, everything(one.tested.inputs).flatten(1).tolist())) for one in parts]
    assert len({sample for part in tested for sample in part}) == 160
    for one, size in zip(parts, sizes, strict=True):
        assert len(one.learned.train[0].targets) == 160 - size
        assert torch.bincount(one.tested.targets).tolist() == [10] * 4
        seen = {tuple(sample) for sample in everything(one.learned.train[0].inputs).flatten(1).tolist()}
        own = {tuple(sample) for sample in everything(one.tested.inputs).flatten(1).tolist()}
        assert not seen & own
    again = events_task(folds=4, seed=6)
    assert torch.equal(everything(again.tested.inputs), everything(parts[2].tested.inputs))


def test_disturbed_recordings_of_a_fold_are_those_of_the_fold() -> None:
    task = events_task(folds=4, seed=1, disturbances=["drop_events"])
    kept = everything(task.disturbed("drop_events", 0.5)).sum((1, 2, 3, 4))
    clean = everything(task.tested.inputs).sum((1, 2, 3, 4))
    assert (kept < clean).all() and (kept > 0.2 * clean).all()


def test_in_the_order_of_the_classes_each_recording_has_its_own_noise() -> None:
    plain, sorted_ = events_task(), events_task(test_order="class")
    assert sorted_.tested.targets.tolist() == sorted(plain.tested.targets.tolist())
    for name, level in (("drop_events", 0.5), ("background_activity", 5.0)):
        one, other = (everything(task.disturbed(name, level)).flatten(1) for task in (plain, sorted_))
        assert sorted(map(tuple, one.tolist())) == sorted(map(tuple, other.tolist()))


def test_recordings_that_lie_class_by_class_are_tested_in_a_mixed_order() -> None:
    data = blobs()
    for source in (data.train, data.test):
        source.labels.sort()
    for settings in ({}, {"folds": 4}, {"evaluate_on": "validation", "validation_share": 0.5}):
        labels = events_task(data=data, **settings).tested.targets
        assert set(labels[: len(labels) // 2].tolist()) == {0, 1, 2, 3}
        assert labels.tolist() != sorted(labels.tolist())


def test_recordings_of_both_parts_have_noise_of_their_own_in_folds() -> None:
    data = EventData("twice", Blobs(0, 40), Blobs(0, 40), 4, "made here", skipped=0)
    task = events_task(data=data, folds=2, disturbances=["drop_events"])
    inputs = task.tested.inputs, task.disturbed("drop_events", 0.5)
    clean, changed = (everything(one).flatten(1) for one in inputs)
    found: dict[tuple[float, ...], set[tuple[float, ...]]] = {}
    for one, other in zip(clean.tolist(), changed.tolist(), strict=True):
        found.setdefault(tuple(one), set()).add(tuple(other))
    assert len(found) < len(clean)  # some recordings are tested as of both parts
    assert sum(len(some) for some in found.values()) == len(clean)


def test_noise_that_is_not_there_is_missed_before_the_training() -> None:
    with pytest.raises(InputError, match="no recorded sensor noise"):
        events_task(disturbances=["recorded_noise"])


def test_another_set_takes_the_place_of_the_test_part() -> None:
    other = EventData("others", Blobs(5, 20), Blobs(6, 24), 4, "made here", skipped=0)
    task = events_task(tested_on=other)
    assert task.dataset == "blobs_to_others"
    assert task.dataset_sha256 != events_task().dataset_sha256
    assert len(task.tested.targets) == 24
    assert np.array_equal(np.sort(task.tested.targets.numpy()), np.sort(other.test.labels))
    assert task.skipped == 3
    for settings in ({"folds": 2}, {"evaluate_on": "validation", "validation_share": 0.2}):
        with pytest.raises(InputError, match="exclude each other"):
            events_task(tested_on=other, **settings)


def test_the_validation_part_comes_out_of_the_training_part() -> None:
    task = events_task(evaluate_on="validation", validation_share=0.2)
    assert torch.equal(everything(task.tested.inputs), everything(task.learned.validation[0].inputs))
    assert torch.equal(task.tested.targets, task.learned.validation[0].targets)
    assert len(task.tested.targets) == 24


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"folds": 1}, "leaves no training data"),
        ({"folds": 41}, "class 0 has only 40 recordings in training and test part; set at most 40 folds"),
        ({"disturbances": ["drop_events"], "levels": [1.5]}, "level 1.5 of drop_events"),
        ({"representation": "voxel_grid", "polarity": "merged"}, "voxel grid has one channel"),
        ({"tested_samples": 41}, "there are 40 recordings"),
    ],
)
def test_bad_input_is_refused_in_words(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        events_task(**settings)


def test_missing_classes_are_told_before_frames_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    from hpbench.frames import framing
    from hpbench.streams import event_pool, events
    from hpbench.tasks.resources import Resources

    for module in (event_pool, framing):
        monkeypatch.setattr(module, "frames_of", lambda *_, **__: pytest.fail("frames were made"))
    with pytest.raises(InputError, match="set at most 40 folds"):
        events_task(folds=41)
    lacking = Blobs(0, 40)
    object.__setattr__(lacking, "labels", np.where(lacking.labels == 2, 3, lacking.labels))
    data = EventData("gap", lacking, Blobs(1, 40), 4, "made here", skipped=0)
    with pytest.raises(InputError, match="training part has no samples of class 2"):
        events.split_events(data, 2, events.EventStreamSettings(), Resources(Path(), "cpu", print))


def test_a_stream_of_events_can_be_learned_and_replayed() -> None:
    from pathlib import Path

    from hpbench.runs.continual import run as run_stream
    from hpbench.streams.events import EventStreamSettings, split_events
    from hpbench.tasks.resources import Resources

    settings = EventStreamSettings(passes=3, time_steps=4, duration=100.0)
    settings.check()
    stream = split_events(blobs(), 2, settings, Resources(Path(), "cpu", lambda line: None))
    for name, least in (("hp", 0.45), ("replay", 0.6), ("icarl", 0.6), ("der", 0.5)):
        builder, chosen = strategy(name, **CONVOLUTIONAL)
        row = run_stream(builder, chosen, stream, lambda progress: None).row
        assert row["accuracy"] > least, name
        assert row["experiences"] == 2

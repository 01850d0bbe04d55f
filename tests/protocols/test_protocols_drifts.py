"""Streams whose disturbance changes: what is shown when, what goes on through them, and what a row says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toy_noise import pictures, strategy

from hpbench.core.errors import InputError
from hpbench.core.levels import from_text
from hpbench.data.images.image_data import ImageData
from hpbench.disturb.drifts import DRIFTS, IN_TURN, TURNING
from hpbench.disturb.images import IMAGE_DISTURBANCES
from hpbench.learning.adapting import adapting
from hpbench.learning.losses import LOSSES
from hpbench.learning.scores import Scores
from hpbench.learning.train_once import trained
from hpbench.protocols.robustness import ROBUSTNESS
from hpbench.runs import robustness
from hpbench.states.states import States
from hpbench.streams.drifting_images import DriftSettings, drifting_task
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

STREAM = {"trace_at_test": "stream", "trace_decay_at_test": 0.8}
DATA = ImageData("small", *pictures(60, 0), *pictures(25, 1), "made here")


def task(**settings: Any) -> RobustnessTask:
    chosen = DriftSettings(**{"passes": 3, "time_steps": 6, **settings})
    chosen.check()
    return drifting_task(DATA, chosen, Resources(Path(), "cpu", print, "drift", train_anew=True))


def learned(name: str, changes: dict[str, Any], some: RobustnessTask) -> Any:
    builder, settings = strategy(name, **changes)
    return trained(builder, settings, some, lambda progress: None).strategy


def confusions(made: Any, some: RobustnessTask) -> dict[str, dict[float, torch.Tensor]]:
    return robustness.test_levels(made, LOSSES["cross_entropy"], some, robustness.Tested(), States())


@pytest.mark.parametrize("order", ["mixed", "class"])
def test_a_trace_goes_on_through_all_segments_and_begins_every_stream_anew(order: str) -> None:
    some = task(test_order=order)
    made = learned("hp", STREAM, some)
    found = confusions(made, some)
    for name, levels in some.levels.items():
        segments = [some.disturbed(name, level) if level else some.tested.inputs for level in levels]
        with Scores(made).asked() as scores, adapting(made.model, scores), torch.no_grad():
            literal = torch.cat([scores(one) for one in torch.cat(segments).split(1)]).argmax(1)
        for level, answers in zip(levels, literal.split(100), strict=True):
            counts = torch.bincount(some.tested.targets * 4 + answers, minlength=16).view(4, 4)
            assert torch.equal(found[name][level], counts), (name, level)
    assert torch.equal(found["gaussian_steps"][0.0], found["clean"][0.0])


def test_a_frozen_trace_does_not_notice_the_stream() -> None:
    some = task()
    made = learned("hp", {}, some)
    whole = confusions(made, some)
    for name, levels in some.levels.items():
        for level in levels:
            alone = confusions(made, task(disturbances=[name], levels=[level]))
            assert torch.equal(alone[name][level], whole[name][level])


def test_the_row_of_a_drift_contradicts_nothing() -> None:
    builder, settings = strategy("hp", **STREAM)
    outcome = robustness.run(builder, settings, task(), lambda progress: None)
    row = outcome.row | {
        "selection": "last",
        "evaluated_on": "test",
        "passes": 3,
        "epochs": 3.0,
        "overrides": "",
    }
    assert list(ROBUSTNESS.contradictions(row)) == []
    assert list(ROBUSTNESS.contradictions_of_record(row, outcome.details)) == []
    found = from_text(row["by_level"])
    assert {name: tuple(levels) for name, levels in found.items()} == {
        name: one.levels for name, one in DRIFTS.items()
    }
    assert row["disturbance"] == "one_after_another" and row["test_order"] == "mixed"
    wrong = row | {"by_level": row["by_level"].replace("one_after_another:7:", "one_after_another:8:")}
    assert any("expected at most 7" in said for _, said in ROBUSTNESS.contradictions(wrong))


def test_one_disturbance_follows_another_and_at_last_none() -> None:
    some = task()
    clean = some.tested.inputs
    for number, (name, _) in enumerate(IN_TURN, 1):
        shown = some.disturbed("one_after_another", float(number))
        assert torch.equal(shown, clean) is (not name)
    assert [name for name, _ in IN_TURN[:-1]] == [
        name for name in IMAGE_DISTURBANCES if name != "salt_and_pepper"
    ]


def test_slow_noise_changes_from_image_to_image_and_goes_on_where_the_last_segment_ended() -> None:
    change = DRIFTS["gaussian_gradual"].apply
    images = np.full((400, 28, 28), 0.5, dtype=np.float32)
    places = np.arange(400) / 400
    # By medians, which do not see that noise is cut to the range of a pixel.
    variances = [
        (np.median(np.abs(change(images, number, np.random.default_rng(0), places) - 0.5), (1, 2)) / 0.6745)
        ** 2
        for number in range(1, len(TURNING))
    ]
    found = np.concatenate(variances).reshape(-1, 20).mean(1)  # 20 segments of 20 images in each
    expected = np.interp(np.arange(120) + 0.5, np.arange(0, 121, 20), TURNING)
    assert np.allclose(found, expected, atol=0.004)


def test_the_mixed_order_follows_from_the_seed_and_is_the_same_in_all_segments() -> None:
    one, same, other, by_class = task(), task(), task(noise_seed=1), task(test_order="class")
    assert torch.equal(one.tested.inputs, same.tested.inputs)
    assert not torch.equal(one.tested.targets, other.tested.targets)
    assert by_class.tested.targets.tolist() == sorted(one.tested.targets.tolist())
    last = float(len(IN_TURN))  # undisturbed
    assert torch.equal(one.disturbed("one_after_another", last), one.tested.inputs)
    for level in (1.0, 2.0):  # the noise of an image does not depend on its place
        shown = [some.disturbed("one_after_another", level).tolist() for some in (one, by_class)]
        assert sorted(shown[0]) == sorted(shown[1])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"disturbances": []}, "name at least one"),
        ({"disturbances": ["one_after_another"], "levels": [8.0]}, "between 0 and 7"),
        ({"disturbances": ["gaussian_gradual"], "levels": [1.5]}, "expected a whole number"),
        ({"tested_samples": 101}, "there are 100 samples"),
    ],
)
def test_bad_input_is_refused_in_words(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        task(**settings)

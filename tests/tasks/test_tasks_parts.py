"""Parts without samples or without a class are refused before training, by name."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from stream import pictures, small_task
from toy_noise import noisy_task

from hpbench.core.errors import InputError
from hpbench.data.images.image_data import ImageData
from hpbench.data.labels import classes_of
from hpbench.learning.settings import StreamSettings
from hpbench.streams.split import split_by_class
from hpbench.tasks.continual import ContinualTask, Part
from hpbench.tasks.parts import check_parts
from hpbench.tasks.resources import Resources


def kept(part: Part, *targets: int) -> Part:
    rows = torch.isin(part.targets, torch.tensor(targets))
    return Part(part.inputs[rows.nonzero().squeeze(1)], part.targets[rows])


def lacking(part: str, *targets: int, **stream: str) -> ContinualTask:
    """A task whose second experience has these of its targets 2 and 3 alone in a part."""
    task = small_task(**stream)
    first, second = getattr(task, part)
    return replace(task, **{part: [first, kept(second, *targets)]})


def test_a_whole_task_passes() -> None:
    for regime in ("class", "task", "domain"):
        check_parts(small_task(regime=regime, selection="validation"))
    check_parts(small_task(validation_share=0.0))
    check_parts(lacking("validation", 3))  # which nothing looks at
    check_parts(lacking("test", 3))  # as a part of a data set may be, which is named with its size


@pytest.mark.parametrize(
    ("task", "says"),
    [
        (lacking("train", 3), "experience 2 has no samples of class 2 .* training part"),
        (lacking("test"), r"experience 2 has no samples in its test part, of classes 2, 3 \(as targets"),
        (lacking("train"), "experience 2 has no samples in its training part, of classes 2, 3"),
        (lacking("validation", 2, selection="validation"), "class 3 .* validation part.*validation_share"),
        (lacking("validation", evaluate_on="validation"), "no samples in its validation part.*share"),
    ],
)
def test_what_is_missing_is_named(task: ContinualTask, says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_parts(task)


def with_parts(**parts: Any) -> ContinualTask:
    return replace(small_task(), **parts)


def test_a_task_of_ones_own_that_does_not_fit_is_refused() -> None:
    task = small_task()
    first, second = task.train
    for odd, says in (
        (with_parts(train=[]), "the stream has no experiences"),
        (with_parts(test=task.test[:1]), "the test part has 1 experiences, the training part 2"),
        (with_parts(test=[*task.test, first]), "the test part has 3 experiences, the training part 2"),
        (
            with_parts(train=[first, Part(second.inputs[:3], second.targets)]),
            "experience 2, training part: 3 in",
        ),
        (with_parts(outputs=3), "experience 2, training part: targets 3, expected 0 to 2"),
        (
            with_parts(train=[first, Part(second.inputs, second.targets - 4)]),
            "targets -2, -1, expected 0 to 3",
        ),
    ):
        with pytest.raises(InputError, match=says):
            check_parts(odd)


def test_nothing_to_test_under_disturbances_is_refused_when_the_task_is_made() -> None:
    task = noisy_task()
    empty = Part(task.tested.inputs[torch.arange(0)], task.tested.targets[:0])
    with pytest.raises(InputError, match="small: the tested part has no samples"):
        replace(task, tested=empty)
    for levels in ({}, {"gaussian": ()}):
        with pytest.raises(InputError, match="small: disturbances need at least one level"):
            replace(task, levels=levels)


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_part_without_samples_is_told_by_its_name(part: str) -> None:
    named = {"train": "training", "test": "test"}[part]
    labels = {"train": np.arange(2), "test": np.arange(2), part: np.zeros(0, int)}
    with pytest.raises(InputError, match=f"the {named} part has no samples"):
        classes_of(labels["train"], labels["test"])


def test_a_label_far_beyond_the_others_is_told_at_once() -> None:
    with pytest.raises(
        InputError, match=r"no samples of class 2, 3, 4, 5, 6 …, though labels go up to 10000"
    ):
        classes_of(np.array([0, 1, 10**15]), np.arange(2))


def test_labels_with_a_gap_are_refused() -> None:
    (images, labels), test = pictures(5, 0), pictures(2, 1)
    labels = np.where(labels == 2, 3, labels)
    data = ImageData("gap", images, labels, *test, "made here")
    with pytest.raises(InputError, match="training part has no samples of class 2, though labels go up to 3"):
        split_by_class(data, 2, StreamSettings(), Resources(None, "cpu", print))

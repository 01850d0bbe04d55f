"""Parts without samples or without a class are refused before training, by name."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from stream import pictures, small_task

from hpbench.core.errors import InputError
from hpbench.data.images.image_data import ImageData
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
        (lacking("test"), "experience 2 has no samples in its test part"),
        (lacking("train"), "experience 2 has no samples in its training part"),
        (lacking("validation", 2, selection="validation"), "class 3 .* validation part.*validation_share"),
        (lacking("validation", evaluate_on="validation"), "no samples in its validation part.*share"),
    ],
)
def test_what_is_missing_is_named(task: ContinualTask, says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_parts(task)


def test_labels_with_a_gap_are_refused() -> None:
    (images, labels), test = pictures(5, 0), pictures(2, 1)
    labels = np.where(labels == 2, 3, labels)
    data = ImageData("gap", images, labels, *test, "made here")
    with pytest.raises(InputError, match="training part has no samples of class 2, though labels go up to 3"):
        split_by_class(data, 2, StreamSettings(), Resources(None, "cpu", print))

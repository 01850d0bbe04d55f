"""Streams: which classes an experience has, and how its targets count."""

import pytest
import torch
from stream import small_task

from hpbench.core.errors import InputError


@pytest.mark.parametrize(
    ("regime", "targets", "outputs"),
    [
        ("class", [{0, 1}, {2, 3}], 4),
        ("task", [{0, 1}, {0, 1}], 4),
        ("domain", [{0, 1}, {0, 1}], 2),
    ],
)
def test_targets_count_as_the_regime_says(regime: str, targets: list[set[int]], outputs: int) -> None:
    task = small_task(regime=regime)
    for parts in (task.train, task.validation, task.test):
        assert [set(part.targets.tolist()) for part in parts] == targets
    assert task.outputs == outputs


def test_an_experience_holds_the_pictures_of_its_classes() -> None:
    for number, part in enumerate(small_task().test):
        assert part.inputs.shape == (40, 9)
        # The brightest pixel of class c is pixel 2c.
        assert torch.equal(part.inputs.argmax(1), 2 * part.targets)
        assert set((part.inputs.argmax(1) // 4).tolist()) == {number}


def test_a_seeded_order_shuffles_the_classes_and_keeps_the_pictures() -> None:
    orders = set()
    for seed in range(5):
        task = small_task(order_seed=seed)
        order = []
        for part in task.test:
            for target in sorted(set(part.targets.tolist())):
                (pixel,) = set(part.inputs[part.targets == target].argmax(1).tolist())
                order.append(pixel // 2)
        assert sorted(order) == [0, 1, 2, 3]
        orders.add(tuple(order))
    assert len(orders) > 1


def test_validation_samples_are_held_out_of_training() -> None:
    task = small_task(validation_share=0.2)
    for train, validation in zip(task.train, task.validation, strict=True):
        assert (len(train.targets), len(validation.targets)) == (80, 20)
        both = torch.cat([train.inputs, validation.inputs])
        assert len(both.unique(dim=0)) == 100
        assert validation.targets.bincount().unique().numel() <= 2


def test_inputs_are_shares_of_white() -> None:
    task = small_task()
    assert float(task.train[0].inputs.min()) >= 0 and float(task.train[0].inputs.max()) <= 1


def test_unequal_experiences_are_refused() -> None:
    from stream import pictures

    from hpbench.data.images.image_data import ImageData
    from hpbench.learning.settings import StreamSettings
    from hpbench.streams.split import split_by_class
    from hpbench.tasks.resources import Resources

    data = ImageData("small", *pictures(5, 0), *pictures(5, 1), "made here")
    with pytest.raises(InputError, match="4 classes cannot be divided into 3"):
        split_by_class(data, 3, StreamSettings(), Resources(None, "cpu", print))

"""A data set of characters as a task: which classes go where."""

from pathlib import Path

import numpy as np
import pytest
import torch

from hpbench.core.errors import InputError
from hpbench.data.characters.characters import Characters
from hpbench.few_shot.characters import character_task
from hpbench.few_shot.settings import EpisodeSettings
from hpbench.tasks.few_shot import FewShotTask
from hpbench.tasks.resources import Resources


def task(**changes: object) -> FewShotTask:
    """200 classes whose top left pixel holds their number."""
    images = np.zeros((200, 20, 28, 28), dtype=np.uint8)
    images[:, :, 0, 0] = np.arange(200)[:, None]
    names = np.array([f"character{one:03d}" for one in range(200)])
    alphabets = np.array([f"alphabet{one // 20}" for one in range(200)])
    data = Characters("made_up", images, alphabets, names, np.arange(200) < 120, "made up")
    return character_task(data, EpisodeSettings(**changes), Resources(None, "cpu", print, "key"))  # type: ignore[arg-type]


def numbers(images: torch.Tensor) -> set[int]:
    return set(images[:, 0, 0].amax((1, 2)).tolist())


@pytest.mark.parametrize("split", ["characters", "alphabets"])
def test_parts_share_no_class_and_rotations_are_for_training(split: str) -> None:
    made = task(split=split)
    parts = [numbers(one.images) for one in (made.train, made.validation, made.test)]
    assert sum(map(len, parts)) == 200
    assert len(set.union(*parts)) == 200
    assert len(made.train) == 4 * len(parts[0])
    assert len(made.validation) == len(parts[1])
    assert len(made.test) == len(parts[2])
    corners = made.train.images[:, 0, 0, [0, 27, 27, 0], [0, 0, 27, 27]]
    assert ((corners > 0).sum(1) <= 1).all()
    assert (corners > 0).any(0).all()  # every rotation moves the pixel to another corner
    if split == "alphabets":
        assert parts[2] == set(range(120, 200))


def test_without_rotations_there_are_only_the_characters() -> None:
    assert len(task(rotations=False).train) == len(numbers(task().train.images))


def test_the_figures_are_measured_on_the_part_that_is_named() -> None:
    made = task(evaluate_on="validation", queries=3)
    assert made.evaluated is made.validation
    assert task().evaluated is not task().train
    assert numbers(task().evaluated.images) == numbers(task().test.images)


def test_shapes_are_checked_before_anything_is_trained(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="60 ways need as many classes, the validation part has"):
        task(n_way=60, evaluate_on="validation")


def test_pixels_are_numbers_from_0_to_1() -> None:
    images = task().train.at(torch.tensor([[0, 1], [2, 3]]))
    assert images.shape == (2, 2, 1, 28, 28)
    assert float(images.max()) <= 1
    assert float(images[0, 0].max()) == pytest.approx(
        min(numbers(task().train.images) - {0}) / 255, abs=2 / 255
    )


def test_classes_know_their_alphabets_rotated_ones_as_well() -> None:
    made = task(split="alphabets")
    for part in (made.train, made.validation, made.test):
        numbered = part.images[:, 0, 0].amax((1, 2)).tolist()
        assert part.alphabets == tuple(f"alphabet{one // 20}" for one in numbered)


def test_alphabets_that_the_split_breaks_up_are_too_small_for_many_ways() -> None:
    with pytest.raises(InputError, match=r"20 ways within an alphabet .* \(scenario.split=alphabets keeps"):
        task(n_way=20, within="alphabet")
    task(n_way=20, within="alphabet", split="alphabets")

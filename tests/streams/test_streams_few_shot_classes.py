"""Few-shot class-incremental streams: which characters, which drawings, which targets."""

from typing import Any

import numpy as np
import pytest
import torch

from hpbench.core.errors import InputError
from hpbench.data.characters.characters import Characters
from hpbench.streams.few_shot_classes import FewShotClassesSettings, choose_sessions, few_shot_classes
from hpbench.tasks.continual import ContinualTask, Part
from hpbench.tasks.resources import Resources

SIZES = {"alpha": 4, "beta": 3, "gamma": 3, "delta": 2, "epsilon": 4}
"""Characters of each alphabet; the first two are background."""


def characters() -> Characters:
    """Character c drawn by hand d has the pixels 0 and 1 at c and d."""
    alphabets = np.repeat(sorted(SIZES, key=list(SIZES).index), list(SIZES.values()))
    images = np.zeros((len(alphabets), 8, 28, 28), np.uint8)
    images[..., 0, 0] = np.arange(len(alphabets))[:, None]
    images[..., 0, 1] = np.arange(8)
    background = np.isin(alphabets, ["alpha", "beta"])
    return Characters("small", images, alphabets, np.arange(16).astype(str), background, "made here")


def settings(**changes: Any) -> FewShotClassesSettings:
    return FewShotClassesSettings(
        **{"base_classes": 5, "increments": 2, "ways": 3, "shots": 2, "queries": 2, **changes}
    )


def task(**changes: Any) -> ContinualTask:
    return few_shot_classes(characters(), settings(**changes), Resources(None, "cpu", print))


def drawn(part: Part) -> list[tuple[int, int]]:
    return [(round(255 * float(one[0])), round(255 * float(one[1]))) for one in part.inputs]


def test_a_base_of_background_classes_then_ways_of_alphabets_that_are_large_enough() -> None:
    base, first, second = choose_sessions(characters(), settings())
    assert base.tolist() == [0, 1, 2, 3, 4]
    assert first.tolist() == [12, 13, 14]  # epsilon comes before gamma by name; delta has too few
    assert second.tolist() == [7, 8, 9]


def test_base_classes_train_on_all_other_drawings_and_new_ones_on_k() -> None:
    made = task()
    assert drawn(made.train[0]) == [(c, d) for c in range(5) for d in range(4)]
    assert drawn(made.train[1]) == [(c, d) for c in (12, 13, 14) for d in range(2)]
    assert drawn(made.validation[1]) == [(c, d) for c in (12, 13, 14) for d in (4, 5)]
    assert drawn(made.test[2]) == [(c, d) for c in (7, 8, 9) for d in (6, 7)]


def test_targets_count_through_the_stream() -> None:
    made = task()
    assert [sorted(set(part.targets.tolist())) for part in made.test] == [
        [0, 1, 2, 3, 4],
        [5, 6, 7],
        [8, 9, 10],
    ]
    assert torch.equal(made.train[1].targets, torch.tensor([5, 5, 6, 6, 7, 7]))
    assert (made.outputs, made.regime, made.pooled) == (11, "class", True)


def test_a_seed_chooses_other_characters_of_the_same_parts() -> None:
    plain, other = (
        choose_sessions(characters(), settings()),
        choose_sessions(characters(), settings(order_seed=3)),
    )
    assert [len(one) for one in other] == [len(one) for one in plain]
    assert {tuple(one) for one in other} != {tuple(one) for one in plain}
    data = characters()
    assert data.background[other[0]].all() and not data.background[np.concatenate(other[1:])].any()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"base_classes": 8}, "base_classes=8: small has 7 characters"),
        ({"increments": 3}, "increments=3: small has 2 alphabets with scenario.ways=3"),
        ({"shots": 5}, "need 9 drawings of each character, small has 8"),
    ],
)
def test_sizes_that_the_data_do_not_have_are_refused(changes: dict[str, int], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        task(**changes)

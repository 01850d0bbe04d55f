"""How characters are divided: by a fixed list, by alphabet, and with rotations."""

import numpy as np
import pytest

from hpbench.core.errors import InputError
from hpbench.data.characters.characters import Characters
from hpbench.data.characters.splits import SPLITS, divide, drawn, with_rotations

LIST = [[1, 2, 4, 5], [0, 3, 26, 100], [7, 11, 23, 24]]
"""The first classes of each part."""


def characters(name: str, classes: int, alphabets: int = 12, background: float = 0.6) -> Characters:
    of = np.arange(classes) * alphabets // classes
    return Characters(
        name,
        np.zeros((classes, 2, 28, 28), dtype=np.uint8),
        np.array([f"alphabet{one:02d}" for one in of]),
        np.array([f"character{one:04d}" for one in range(classes)]),
        of < background * alphabets,
        "made up",
    )


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("data", [characters("omniglot", 1623), characters("glyphs", 803)])
def test_every_class_is_in_one_part(data: Characters, split: str) -> None:
    division = divide(data, split)
    assert sorted(np.concatenate(division).tolist()) == list(range(len(data.images)))
    assert all(len(part) for part in division)


def test_the_list_of_omniglot_is_fixed() -> None:
    division = divide(characters("omniglot", 1623), "characters")
    assert [len(part) for part in division] == [1100, 100, 423]
    assert [part[:4].tolist() for part in division] == LIST
    for listed, found in zip(division, drawn(1623), strict=True):
        assert listed.tolist() == found.tolist()  # as the module says it was drawn


def test_alphabets_are_whole() -> None:
    data = characters("glyphs", 803)
    division = divide(data, "alphabets")
    alphabets = [set(data.alphabets[part]) for part in division]
    assert not alphabets[0] & alphabets[1]
    assert data.background[division.train].all()
    assert data.background[division.validation].all()
    assert not data.background[division.test].any()


def test_rotations_are_classes_of_their_own() -> None:
    images = np.random.RandomState(0).randint(0, 256, (3, 2, 28, 28)).astype(np.uint8)
    turned = with_rotations(images)
    assert turned.shape == (12, 2, 28, 28)
    for turns in range(4):
        for one in range(3):
            assert np.array_equal(turned[3 * turns + one, 1], np.rot90(images[one, 1], turns))


def test_bad_splits_are_refused() -> None:
    with pytest.raises(InputError, match="split 'letters' is unknown: did you mean"):
        divide(characters("glyphs", 803), "letters")
    with pytest.raises(InputError, match="without classes for test"):
        divide(characters("glyphs", 803, background=1.0), "alphabets")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"images": np.zeros((3, 2, 4, 4))},
            r"images are float64 \(3, 2, 4, 4\), expected uint8 \(C, D, S, S\)",
        ),
        ({"images": np.zeros((3, 4, 4), np.uint8)}, r"images are uint8 \(3, 4, 4\)"),
        ({"images": np.zeros((3, 2, 4, 6), np.uint8)}, r"images are uint8 \(3, 2, 4, 6\)"),
        ({"images": np.zeros((3, 0, 4, 4), np.uint8)}, r"images are uint8 \(3, 0, 4, 4\)"),
        ({"alphabets": np.array(["a"])}, r"alphabets are \(1,\), expected \(3,\)"),
    ],
)
def test_characters_of_other_shapes_are_refused(change, says):
    good = {
        "images": np.zeros((3, 2, 4, 4), np.uint8),
        "alphabets": np.array(["a", "a", "b"]),
        "names": np.array(["1", "2", "1"]),
        "background": np.array([True, True, False]),
    }
    with pytest.raises(InputError, match=f"characters mine: {says}"):
        Characters("mine", **{**good, **change}, source="made up")

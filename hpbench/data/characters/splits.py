"""Splits of characters into classes for meta-training, validation and test.

`characters`: 1,100 / 100 / 423 of Omniglot's characters, whatever their alphabet. The lists are in
`omniglot_characters`, as indices into the order of `Characters`. After Vinyals et al., NeurIPS 2016, who
give sizes (1,200 / 423) but no list; the lists were drawn once, by NumPy's `RandomState(0)`.
`alphabets`: evaluation alphabets for test, as Lake et al., Science 350:1332 (2015), publish them; of the
background alphabets every sixth by name, from the third on, is for validation.
Data sets other than Omniglot are split by the same rules, `characters` in the same proportions.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError, nearest
from hpbench.data.characters import omniglot_characters

SPLITS = ("characters", "alphabets")

_SIZES = np.array([1100, 100, 423])

_OMNIGLOT = ("omniglot", "saccade_omniglot", "n_omniglot")
"""Sets of Omniglot's characters in its order, which have its lists."""

Indices = NDArray[np.int64]


class Grouped(Protocol):
    """A set of characters, drawn or recorded: its name, and for each character, (C,), what it belongs to."""

    @property
    def name(self) -> str:
        """Name of the set."""

    @property
    def alphabets(self) -> NDArray[np.str_]:
        """Alphabets."""

    @property
    def background(self) -> NDArray[np.bool_]:
        """Whether meant for training."""


class Division(NamedTuple):
    """Indices of classes in the set; no class is in two parts."""

    train: Indices
    validation: Indices
    test: Indices


def divide(data: Grouped, split: str) -> Division:
    """The classes of each part. Raises InputError if the split is unknown or leaves a part empty."""
    if split not in SPLITS:
        raise InputError(f"split {split!r} is unknown: {nearest(split, SPLITS)}")
    division = _by_alphabet(data) if split == "alphabets" else _by_character(data)
    for name, classes in division._asdict().items():
        if not len(classes):
            raise InputError(f"the split {split!r} leaves {data.name} without classes for {name}")
    return division


def with_rotations(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Characters (C, D, H, W) and, as further classes, the same turned by 90°, 180° and 270°: (4C, …)."""
    return np.concatenate([np.rot90(images, turns, axes=(2, 3)) for turns in range(4)])


def _by_character(data: Grouped) -> Division:
    if data.name in _OMNIGLOT:
        lists = (omniglot_characters.TRAIN, omniglot_characters.VALIDATION, omniglot_characters.TEST)
        return Division(*(np.array(one.split(), dtype=np.int64) for one in lists))
    return drawn(len(data.alphabets))


def drawn(classes: int) -> Division:
    """Classes in random order, divided in the proportions 1100 : 100 : 423; each part sorted."""
    order = np.random.RandomState(0).permutation(classes)
    ends = np.round(np.cumsum(_SIZES) * classes / _SIZES.sum()).astype(int)
    return Division(*(np.sort(part) for part in np.split(order, ends[:-1])))


def _by_alphabet(data: Grouped) -> Division:
    names = np.unique(data.alphabets[data.background])
    held_out = np.isin(data.alphabets, names[2::6]) & data.background
    return Division(
        np.flatnonzero(data.background & ~held_out),
        np.flatnonzero(held_out),
        np.flatnonzero(~data.background),
    )

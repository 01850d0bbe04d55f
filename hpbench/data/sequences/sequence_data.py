"""Labelled sequences in memory, and their SHA-256."""

import functools
import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError

Values = NDArray[np.float32]


class Sequences(NamedTuple):
    """N sequences of at most F frames of C values: `values` (N, F, C), 0 after the end, and (N,) others."""

    values: Values
    lengths: NDArray[np.int64]
    """Frames of each."""
    labels: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SequenceData:
    """One data set: a training and a test part, whose values are in [0, 1].

    Raises InputError for parts of different shapes, values out of range, or values after a sequence's end.
    """

    name: str
    train: Sequences
    test: Sequences
    source: str
    """Where it came from: one line for the user."""

    def __post_init__(self) -> None:
        for called, part in (("train", self.train), ("test", self.test)):
            values, lengths, labels = part
            where = f"data set {self.name}, {called} part"
            if values.ndim != 3 or not lengths.shape == labels.shape == (len(values),):
                raise InputError(
                    f"{where}: expected values (N, F, C) and N lengths and labels, not {values.shape}, "
                    f"{lengths.shape} and {labels.shape}"
                )
            if not (values.min() >= 0 and values.max() <= 1):  # NaN is refused too
                raise InputError(f"{where}: values must be from 0 to 1")
            if not np.array_equal(values, ended(values, lengths)):
                raise InputError(f"{where}: values after a sequence's end must be 0")
        if self.train.values.shape[1:] != self.test.values.shape[1:]:
            raise InputError(f"data set {self.name}: both parts must have the same frames and values")

    @property
    def train_labels(self) -> NDArray[np.int64]:
        """Labels of the training part."""
        return self.train.labels

    @property
    def test_labels(self) -> NDArray[np.int64]:
        """Labels of the test part."""
        return self.test.labels

    @functools.cached_property
    def sha256(self) -> str:
        """SHA-256 of the arrays of both parts."""
        digest = hashlib.sha256()
        for array in (*self.train, *self.test):
            digest.update(f"{array.shape}{array.dtype.str}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def ended(values: Values, lengths: NDArray[np.int64]) -> Values:
    """The values (N, F, C), set to 0 after the end of each sequence."""
    within = np.arange(values.shape[1]) < lengths[:, None]
    return np.where(within[..., None], values, np.float32(0))


def held(values: Values, steps: int) -> Values:
    """Sequences (N, F, C) over `steps` time steps: step t = 0 … T − 1 shows frame ⌊t F / T⌋.

    With T = k F each frame is held for k steps; with fewer steps than frames, some are left out. All
    sequences keep the same pace, so that a shorter one ends earlier.
    """
    frames = values.shape[1]
    return values[:, np.arange(steps) * frames // steps]

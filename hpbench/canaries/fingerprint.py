"""Hashes of arrays that are the same on every processor."""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHADES = 255
"""Inputs are rounded to multiples of 1/SHADES, which pixels are exactly."""


def of_whole_numbers(arrays: Iterable[Any]) -> str:
    """16 hex digits of shapes and values."""
    digest = hashlib.sha256()
    for one in arrays:
        array = np.asarray(one)
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
    return digest.hexdigest()[:16]


def of_inputs(arrays: Iterable[Any]) -> str:
    """16 hex digits of samples (N, …) of pixels in [0, 1] or counts, rounded to multiples of 1/SHADES.

    Samples are flattened: their shape does not matter.
    """
    return of_whole_numbers(_rounded(np.asarray(one)) for one in arrays)


def _rounded(samples: NDArray[Any]) -> NDArray[np.int64]:
    rows = samples.reshape(len(samples), -1).astype(np.float64)
    return np.rint(rows * SHADES).astype(np.int64)

"""A validation part held out of labelled data, class by class."""

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError


def stratified_holdout(
    labels: NDArray[np.int64], share: float, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices (sorted) of a training and a validation part, drawn class by class.

    `share` of each class, rounded, goes to validation, but never a whole class; 0 gives an empty part.
    Raises InputError unless 0 <= share < 1.
    """
    if not 0 <= share < 1:
        raise InputError(
            f"validation share {share}: expected at least 0 and less than 1 (share of each class held out)"
        )
    generator = np.random.RandomState(seed)  # unlike default_rng, the same in all versions of NumPy
    held_out = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = generator.permutation(np.flatnonzero(labels == label))
        held_out[members[: min(round(share * len(members)), len(members) - 1)]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)

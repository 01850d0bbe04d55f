"""The classes of labelled data in several parts."""

import itertools

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError

_NAMED = 5


def classes_of(train: NDArray[np.int64], test: NDArray[np.int64]) -> int:
    """The number of classes; labels count from 0 on, and every class has training samples.

    The test part may lack some classes. Raises InputError, which names the part and the classes, otherwise.
    """
    for part, labels in (("training", train), ("test", test)):
        if not len(labels):
            raise InputError(f"the {part} part has no samples: the data must have samples of every class")
    present = np.unique(train)
    classes = 1 + int(max(present[-1], test.max()))
    if len(present) < classes:
        known = set(present.tolist())
        missing = list(itertools.islice((one for one in range(classes) if one not in known), _NAMED + 1))
        named = ", ".join(map(str, missing[:_NAMED])) + (" …" if len(missing) > _NAMED else "")
        raise InputError(
            f"the training part has no samples of class {named}, though labels go up to {classes - 1}: "
            "labels must count from 0 on without a gap"
        )
    return classes

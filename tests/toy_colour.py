"""Colour images of four classes, two of them in each experience, for tests."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpbench.data.images.image_data import ImageData
from hpbench.learning.settings import StreamSettings
from hpbench.streams.split import split_by_class
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

SIDE = 8
HERE = Resources(None, "cpu", print)


def colour_data() -> ImageData:
    """Four noisy patterns of 3 x 8 x 8."""
    random = np.random.RandomState(0)
    patterns = random.rand(4, 3, SIDE, SIDE)

    def part(per_class: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        labels = random.permutation(np.repeat(np.arange(4), per_class))
        noise = random.normal(0, 0.1, (len(labels), 3, SIDE, SIDE))
        return np.clip(patterns[labels] + noise, 0, 1), labels

    return ImageData("colours", *part(60), *part(15), source="made here")


def colour_task(**settings: Any) -> ContinualTask:
    """A stream of two experiences."""
    return split_by_class(colour_data(), 2, StreamSettings(**settings), HERE)

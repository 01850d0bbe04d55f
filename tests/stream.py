"""A small stream: four classes of 3x3 pictures, two experiences."""

from typing import Any

import numpy as np

from hpbench.data.images.image_data import ImageData
from hpbench.learning.settings import StreamSettings
from hpbench.streams.split import split_by_class
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources


def pictures(per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.RandomState(seed)
    labels = np.tile(np.arange(4), per_class)
    images = random.randint(0, 60, (len(labels), 3, 3))
    images.reshape(len(labels), 9)[np.arange(len(labels)), labels * 2] += 180
    return images.astype(np.uint8), labels.astype(np.int64)


def small_task(**settings: Any) -> ContinualTask:
    data = ImageData("small", *pictures(50, 0), *pictures(20, 1), "made here")
    return split_by_class(data, 2, StreamSettings(**settings), Resources(None, "cpu", print))

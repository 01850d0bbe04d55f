"""Labelled images in memory, and their SHA-256."""

import functools
import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpbench.tasks.image_shape import check_square


@dataclass(frozen=True, eq=False)
class ImageData:
    """One data set: a training and a test part.

    Images are (N, S, S) uint8, 0 (background) to 255 (ink), S = 28 in all sets here; labels are (N,) int64,
    0 to 9. The arrays are made read-only, because all runs of a process share one copy: `torch.tensor` copies
    them without a warning, `torch.from_numpy` warns. Raises InputError for other images.
    """

    name: str
    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]
    source: str
    """Where it came from: one line for the user."""

    def __post_init__(self) -> None:
        for images in (self.train_images, self.test_images):
            check_square(images.shape, self.name)
        for array in (self.train_images, self.train_labels, self.test_images, self.test_labels):
            array.setflags(write=False)

    @functools.cached_property
    def sha256(self) -> str:
        """SHA-256 of the four arrays' shapes and bytes (labels as uint8), independent of the files read."""
        digest = hashlib.sha256()
        for array in (self.train_images, self.train_labels, self.test_images, self.test_labels):
            digest.update(str(array.shape).encode())
            digest.update(array.astype(np.uint8).tobytes())
        return digest.hexdigest()

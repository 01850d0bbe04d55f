"""Labelled images in memory, and their SHA-256."""

import functools
import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.tasks.image_shape import check_square

Pixels = NDArray[np.uint8] | NDArray[np.float32]
"""Images (N, S, S), or (N, 3, S, S) in colour: uint8 from 0 to 255, or float32 from 0 to 1."""


@dataclass(frozen=True, eq=False)
class ImageData:
    """One data set: a training and a test part.

    Images are (N, S, S) of one channel, 0 (background) to 255 (ink), or (N, 3, S, S) of red, green and blue:
    uint8, or floats in [0, 1], which are kept as float32; both parts alike. Labels are (N,) whole numbers,
    from 0 on. The arrays are made read-only, because all runs of a process share one copy: `torch.tensor`
    copies them without a warning, `torch.from_numpy` warns. Raises InputError for other images or labels, and
    for a part without samples.
    """

    name: str
    train_images: Pixels
    train_labels: NDArray[np.int64]
    test_images: Pixels
    test_labels: NDArray[np.int64]
    source: str
    """Where it came from: one line for the user."""

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            where = f"data set {self.name}, {part} part"
            images = _pixels(np.asarray(getattr(self, f"{part}_images")), where)
            labels = _numbers(np.asarray(getattr(self, f"{part}_labels")), len(images), where)
            for name, array in ((f"{part}_images", images), (f"{part}_labels", labels)):
                array.setflags(write=False)
                object.__setattr__(self, name, array)
        train, test = self.train_images, self.test_images
        if (train.dtype, train.shape[1:]) != (test.dtype, test.shape[1:]):
            raise InputError(
                f"data set {self.name}: training images are {train.dtype} {train.shape[1:]}, test images "
                f"{test.dtype} {test.shape[1:]}; expected both alike"
            )

    @functools.cached_property
    def sha256(self) -> str:
        """SHA-256 of the four arrays' shapes and values, independent of the files read.

        Values are hashed as uint8 where all fit, as the published sets always were; others with their type.
        """
        digest = hashlib.sha256()
        for array in (self.train_images, self.train_labels, self.test_images, self.test_labels):
            small = array.dtype != np.float32 and (not array.size or int(array.max()) <= 255)
            hashed = array.astype(np.uint8 if small else array.dtype.newbyteorder("<"))
            digest.update(f"{array.shape}{'' if small else f' {hashed.dtype.str}'}".encode())
            digest.update(hashed.tobytes())
        return digest.hexdigest()


def as_floats(images: Pixels) -> NDArray[np.float32]:
    """The images as float32 from 0 to 1."""
    return images.astype(np.float32) / np.float32(255 if images.dtype == np.uint8 else 1)


def _pixels(images: NDArray[Any], where: str) -> Pixels:
    check_square(images.shape, where)
    if not len(images):
        raise InputError(f"{where}: there are no samples in it")
    if images.dtype == np.uint8:
        return images
    if not np.issubdtype(images.dtype, np.floating):
        raise InputError(f"{where}: images are {images.dtype}, expected uint8 or floats in [0, 1]")
    low, high = float(images.min()), float(images.max())
    if not 0 <= low <= high <= 1:  # NaN is refused too
        raise InputError(f"{where}: values of images are from {low:g} to {high:g}, expected 0 to 1 of floats")
    return images.astype(np.float32) + np.float32(0)  # −0.0 is 0


def _numbers(labels: NDArray[Any], samples: int, where: str) -> NDArray[np.int64]:
    if labels.shape != (samples,) or not np.issubdtype(labels.dtype, np.integer):
        raise InputError(
            f"{where}: labels are {labels.dtype} {labels.shape}, expected a whole number for each of "
            f"{samples:,} images"
        )
    if labels.min() < 0:
        raise InputError(f"{where}: labels are from {labels.min()} on, expected from 0 on")
    return labels if labels.dtype == np.int64 else labels.astype(np.int64)

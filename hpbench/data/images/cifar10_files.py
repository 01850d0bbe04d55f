"""CIFAR-10 on disk, in torchvision's layout: `<root>/cifar-10-batches-py/data_batch_1` …

Each file is a pickled dictionary of rows of pixels and a list of labels, as published for Python.
Source: Krizhevsky, Learning multiple layers of features from tiny images, 2009.
"""

import pickle
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hpbench.data.images.torchvision_sets import Arrays, TorchvisionSet

TRAIN_FILES = ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5")
TEST_FILE = "test_batch"
_NAMES_FILE = "batches.meta"
_SIDE = 32


class BatchesSet(TorchvisionSet):
    """A data set of torchvision in CIFAR-10's format."""

    files: ClassVar[tuple[str, ...]] = (*TRAIN_FILES, TEST_FILE, _NAMES_FILE)
    place: ClassVar[str] = "cifar-10-batches-py"
    archive: ClassVar[str] = "cifar-10-python.tar.gz"

    def read(self, folder: Path) -> Arrays:
        """Images (N, 3, 32, 32) and labels (N,) of both parts."""
        parts = [_batch(folder / file) for file in TRAIN_FILES]
        images, labels = (np.concatenate(one) for one in zip(*parts, strict=True))
        return images, labels, *_batch(folder / TEST_FILE)


def _batch(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    # Unpickling runs what a file says: these have the published checksums, or `find` would have refused them.
    found = pickle.loads(path.read_bytes(), encoding="latin1")
    images = np.asarray(found["data"], dtype=np.uint8).reshape(-1, 3, _SIDE, _SIDE)
    return images, np.asarray(found["labels"], dtype=np.int64)


CIFAR10 = BatchesSet(
    name="cifar10",
    class_name="CIFAR10",
    md5=(
        "c99cafc152244af753f735de768cd75f",
        "d4bba439e000b95fd0a9bffe97cbabec",
        "54ebc095f3ab1f0389bbae665268c751",
        "634d18415352ddfa80567beed471001a",
        "482c414d41f54cd18b22e5b47cb7c3cb",
        "40351d587109b95175f43aff81a1287e",
        "5ff9c542aee3614f3951f8cda6e48888",
    ),
    train=50_000,
    test=10_000,
    sha256=None,  # no copy was at hand when this was written
)

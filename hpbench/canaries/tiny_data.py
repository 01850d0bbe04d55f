"""Generated data of a few classes, the same on every machine: uniform draws of NumPy's `RandomState`."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpbench.data.events.source import EVENT, Events

CLASSES = 6
SIDE = 6
"""Side of an image or a sensor in pixels."""


class Pictures(NamedTuple):
    """Images (N, side, side) uint8 and their classes (N,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


def pictures(per_class: int, seed: int, *, classes: int = CLASSES, side: int = SIDE) -> Pictures:
    """Noisy patterns, one per class, in a shuffled order; another seed gives other samples of the classes."""
    patterns = np.random.RandomState(7).rand(classes, side, side)
    random = np.random.RandomState(seed)
    labels = random.permutation(np.repeat(np.arange(classes), per_class))
    mixed = 0.45 * patterns[labels] + 0.55 * random.rand(len(labels), side, side)
    return Pictures((255 * mixed).astype(np.uint8), labels.astype(np.int64))


def drawings(classes: int, samples: int, seed: int, *, side: int = 8) -> NDArray[np.uint8]:
    """Characters for few-shot episodes, (classes, samples, side, side): noisy patterns of two shades."""
    random = np.random.RandomState(seed)
    patterns = random.rand(classes, 1, side, side) < 0.35
    noise = random.rand(classes, samples, side, side)
    return (255 * (0.5 * patterns + 0.5 * noise)).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Blobs:
    """An EventSource of 100 ms: events of each class are scattered around a position of its own."""

    seed: int
    per_class: int
    name: str = "blobs"
    sensor_size: tuple[int, int, int] = (SIDE, SIDE, 2)

    @property
    def labels(self) -> NDArray[np.int64]:
        """Classes, (N,)."""
        random = np.random.RandomState(self.seed)
        return random.permutation(np.repeat(np.arange(4), self.per_class)).astype(np.int64)

    @property
    def sha256(self) -> str:
        """A text of all that the recordings depend on, in place of a hash."""
        return f"blobs {self.seed} {self.per_class}"

    def __len__(self) -> int:
        return 4 * self.per_class

    def chunk(self, start: int, stop: int) -> list[Events]:
        """Recordings start … stop - 1."""
        return [self._recording(number) for number in range(start, stop)]

    def _recording(self, number: int) -> Events:
        random = np.random.RandomState([self.seed, number])
        middle = np.array([[1, 1], [1, 4], [4, 1], [4, 4]])[self.labels[number]]
        size = 40
        events = np.zeros(size, EVENT)
        places = np.clip(middle + random.randint(-2, 3, (size, 2)), 0, SIDE - 1)
        events["x"], events["y"] = places.T
        events["t"] = np.sort(random.randint(0, 100_000, size))
        events["p"] = random.rand(size) < 0.5
        return events

"""Interface of sets of event recordings, which are read or generated on access."""

import functools
import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

EVENT = np.dtype([("x", "<u2"), ("y", "<u2"), ("t", "<u4"), ("p", "?")])
"""One event: column and row of its pixel, microseconds since the recording began, ON or OFF."""

Events = NDArray[Any]
"""A recording: (n,) of EVENT, sorted in time."""

SensorSize = tuple[int, int, int]
"""Width, height and polarities, in tonic's order."""


class EventSource(Protocol):
    """Labelled recordings in a fixed order, of which only a few are in memory at a time."""

    @property
    def name(self) -> str:
        """Name of the set, with the number of recordings if it is a part of a published set."""

    @property
    def sensor_size(self) -> SensorSize:
        """Sensor size of every recording."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """Classes, (N,)."""

    @property
    def sha256(self) -> str:
        """SHA-256 of events and labels, or of all that they are generated from."""

    def __len__(self) -> int:
        """Number of recordings N."""

    def chunk(self, start: int, stop: int) -> list[Events]:
        """Recordings start … stop - 1, independent of earlier calls."""


@dataclass(frozen=True, eq=False)
class EventData:
    """One data set: a training and a test part, labels from 0 to `classes` - 1."""

    name: str
    train: EventSource
    test: EventSource
    classes: int
    source: str
    """Where it came from: one line for the user."""
    skipped: int
    """Number of damaged recordings that were left out."""

    @functools.cached_property
    def sha256(self) -> str:
        """SHA-256 of both parts."""
        return hashlib.sha256(f"{self.train.sha256} {self.test.sha256}".encode()).hexdigest()

"""What holds recordings of events: samples that are read or generated when they are asked for."""

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
    """Labelled recordings in a fixed order, of which a few lie in memory at a time."""

    @property
    def name(self) -> str:
        """What the recordings are, with their number if they are a part of a published set."""

    @property
    def sensor_size(self) -> SensorSize:
        """Of every recording."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """Classes, (N,)."""

    @property
    def sha256(self) -> str:
        """Fingerprint of events and labels, or of all that they are generated from."""

    def __len__(self) -> int:
        """Number of recordings N."""

    def chunk(self, start: int, stop: int) -> list[Events]:
        """Recordings start … stop - 1, the same whatever was asked for before."""


@dataclass(frozen=True, eq=False)
class EventData:
    """One data set: a training and a test part, labels from 0 to `classes` - 1."""

    name: str
    train: EventSource
    test: EventSource
    classes: int
    source: str
    """Where it came from: one line for a person."""
    skipped: int
    """Damaged recordings that were left out."""

    @functools.cached_property
    def sha256(self) -> str:
        """Fingerprint of both parts."""
        return hashlib.sha256(f"{self.train.sha256} {self.test.sha256}".encode()).hexdigest()

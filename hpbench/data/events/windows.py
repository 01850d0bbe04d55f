"""Long clips cut into windows of equal length, the last ones for testing: for sets without a test part."""

import functools
import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.data.events.files import EventFiles, advice
from hpbench.data.events.recordings import gesture_duration
from hpbench.data.events.source import Events, SensorSize

TEST_SHARE = 0.2
"""Share of each clip's windows held out for testing, rounded, but at least one window."""


@dataclass(frozen=True, eq=False)
class ClipWindows:
    """An EventSource of windows of clips: window w has the clip's events from w·L to (w + 1)·L, L the length.

    `windows` is (N, 2), clip and w; times count from the window's beginning. A window may be empty.
    """

    name: str
    clips: EventFiles
    windows: NDArray[np.int64]
    length: int
    """Microseconds."""

    @property
    def sensor_size(self) -> SensorSize:
        """Sensor size of the clips."""
        return self.clips.sensor_size

    @property
    def labels(self) -> NDArray[np.int64]:
        """Labels of the windows: those of their clips."""
        return self.clips.labels[self.windows[:, 0]]

    @functools.cached_property
    def sha256(self) -> str:
        """SHA-256 of the clips and of how they are cut."""
        cut = f"{self.clips.sha256} {self.length} {self.windows.tolist()}"
        return hashlib.sha256(cut.encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.windows)

    def chunk(self, start: int, stop: int) -> list[Events]:
        """Windows start … stop - 1; each clip is read once per call."""
        asked = self.windows[start:stop].tolist()
        read = {clip: self.clips.chunk(clip, clip + 1)[0] for clip in {clip for clip, _ in asked}}
        return [window_of(read[clip], window, self.length) for clip, window in asked]


def window_of(events: Events, number: int, length: int) -> Events:
    """The events from number·length to (number + 1)·length, with times from the window's beginning."""
    first, last = np.searchsorted(events["t"], [number * length, (number + 1) * length])
    window = events[first:last].copy()
    window["t"] -= number * length
    return window


def cut_by_time(clips: EventFiles, length: int, name: str) -> tuple[ClipWindows, ClipWindows]:
    """Every clip's earlier windows for training and its last fifth for test.

    A last window that is not full counts if it is at least half full. Raises InputError if a clip has fewer
    than two windows.
    """
    parts: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for clip, path in enumerate(clips.paths):
        with advice():
            duration = gesture_duration(path)
        windows = (2 * duration + length) // (2 * length)
        if windows < 2:
            raise InputError(
                f"{path} lasts {duration / 1000:g} ms, less than two windows of {length / 1000:g} ms: "
                "choose shorter windows"
            )
        border = windows - max(1, round(TEST_SHARE * windows))
        parts[0].extend((clip, window) for window in range(border))
        parts[1].extend((clip, window) for window in range(border, windows))
    train, test = (ClipWindows(name, clips, np.array(part, dtype=np.int64), length) for part in parts)
    return train, test

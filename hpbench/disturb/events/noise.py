"""Disturbances that add events: background activity, recorded or not, and hot pixels.

Each takes a recording with at least one event, a level above 0, the sensor's size and a generator. Noise
lasts from time 0 to the last event.
"""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.core.paths import check_file
from hpbench.data.archives import check_unpacked
from hpbench.data.events.recordings import packed
from hpbench.data.events.source import EVENT, Events, SensorSize
from hpbench.data.places import places

HOT_RATE = 100.0
"""Events a second of a hot pixel."""

FILE = "dvs_noise/*.npz"
"""Files of recorded noise below a data root."""

_LARGEST = 1_000_000_000
"""Bytes that such a file may unpack to."""


def background_activity(
    events: Events, level: float, sensor_size: SensorSize, random: np.random.Generator
) -> Events:
    """Every pixel fires `level` times a second on average, at random times, ON as often as OFF.

    Tonic's UniformNoise adds a fixed number of events, and makes all boolean polarities true.
    """
    width, height, _ = sensor_size
    duration = int(events["t"][-1]) + 1
    number = random.poisson(level * width * height * duration * 1e-6)
    noise = np.empty(number, EVENT)
    noise["x"] = random.integers(width, size=number)
    noise["y"] = random.integers(height, size=number)
    noise["t"] = random.integers(duration, size=number)
    noise["p"] = random.integers(2, size=number)
    return with_noise(events, noise)


def hot_pixels(events: Events, level: float, sensor_size: SensorSize, random: np.random.Generator) -> Events:
    """A share `level` of the pixels (one at least) fires HOT_RATE times a second on average, at random times.

    Each is always ON or always OFF; they are drawn anew for each recording.
    """
    width, height, _ = sensor_size
    duration = int(events["t"][-1]) + 1
    hot = random.choice(width * height, max(1, round(level * width * height)), replace=False)
    polarity = random.integers(2, size=len(hot))
    fired = np.repeat(np.arange(len(hot)), random.poisson(HOT_RATE * duration * 1e-6, len(hot)))
    noise = np.empty(len(fired), EVENT)
    noise["y"], noise["x"] = np.divmod(hot[fired], width)
    noise["t"] = random.integers(duration, size=len(fired))
    noise["p"] = polarity[fired]
    return with_noise(events, noise)


@dataclass(frozen=True, eq=False)
class RecordedNoise:
    """Excerpts of a sensor's activity without a scene, all of one size and duration (microseconds)."""

    excerpts: tuple[Events, ...]
    width: int
    height: int
    duration: int

    @property
    def rate(self) -> float:
        """Mean events per pixel and second."""
        pixels = len(self.excerpts) * self.width * self.height
        return sum(map(len, self.excerpts)) / (pixels * self.duration * 1e-6)

    @functools.cached_property
    def sha256(self) -> str:
        """Hash of the excerpts."""
        digest = hashlib.sha256(f"{self.width} {self.height} {self.duration}".encode())
        for excerpt in self.excerpts:
            digest.update(excerpt.tobytes())
        return digest.hexdigest()


def recorded_noise(
    events: Events,
    level: float,
    sensor_size: SensorSize,
    random: np.random.Generator,
    noise: RecordedNoise | None = None,
) -> Events:
    """Add recorded background activity of `level` events per pixel and second on average.

    The sensor is tiled with excerpts, and several layers of tiles are added up; the last layer is thinned to
    reach the rate. In each tile, excerpt and start time are random, and the excerpt repeats. `noise` defaults
    to `load_noise(None)`.
    """
    noise = noise or load_noise(None)
    width, height, _ = sensor_size
    duration = int(events["t"][-1]) + 1
    tiles = np.array(
        [(left, top) for left in range(0, width, noise.width) for top in range(0, height, noise.height)]
    )
    full, share = divmod(level / noise.rate, 1)
    layers = int(full) + 1
    chosen = random.integers(len(noise.excerpts), size=len(tiles) * layers)
    begins = random.integers(noise.duration, size=len(chosen))
    laid = np.concatenate([noise.excerpts[one] for one in chosen])
    owner = np.repeat(np.arange(len(chosen)), [len(noise.excerpts[one]) for one in chosen])
    kept = (owner % layers < full) | (random.random(len(owner)) < share)
    laid, owner = laid[kept], owner[kept]
    laid["x"] += tiles[owner // layers, 0].astype(np.uint16)
    laid["y"] += tiles[owner // layers, 1].astype(np.uint16)
    seen = (laid["x"] < width) & (laid["y"] < height)
    return with_noise(events, played(laid[seen], begins[owner[seen]], noise.duration, duration))


def played(excerpt: Events, begins: NDArray[np.int64], length: int, duration: int) -> Events:
    """Events of excerpts of duration `length`, repeated for a `duration`, not sorted.

    Event n belongs to an excerpt that starts at time `begins[n]`.
    """
    times = (excerpt["t"] - begins) % length
    rounds = np.arange(0, duration, length)
    when = (rounds[:, None] + times).ravel()
    found = np.tile(excerpt, len(rounds))
    found["t"] = when
    return found[when < duration]


def load_noise(data_root: Path | None) -> RecordedNoise:
    """Recorded noise from the first file FILE in the folders of `places`.

    The file holds `events` (fields x, y, t in microseconds, p), `clip` (which excerpt each is of),
    `duration_us` and `sensor_size`. Raises InputError if there is none or it is damaged.
    """
    folders = places(data_root)
    for folder in folders:
        for path in sorted(folder.glob(FILE)):
            if not path.name.startswith("."):
                check_file(path)
                return _read(path)
    raise InputError(
        f"there is no recorded sensor noise in {' or '.join(str(folder / FILE) for folder in folders)}: "
        "put such a file there, or use background_activity"
    )


@functools.cache
def _read(path: Path) -> RecordedNoise:
    try:
        check_unpacked(path, _LARGEST)
        with np.load(path, allow_pickle=False) as file:
            events, clip = file["events"], file["clip"]
            width, height, polarities = map(int, file["sensor_size"])
            duration = int(file["duration_us"])
        excerpts = tuple(
            _excerpt(events[clip == one], (width, height, polarities)) for one in np.unique(clip)
        )
        if not excerpts or max(int(one["t"][-1]) for one in excerpts) >= duration:
            raise InputError(f"its events do not end before its duration of {duration} us")
    except Exception as error:  # NumPy raises many kinds of errors for damaged files
        raise InputError(f"{path} holds no recorded noise ({error}): put the right file there") from error
    return RecordedNoise(excerpts, width, height, duration)


def _excerpt(events: NDArray[Any], sensor_size: SensorSize) -> Events:
    x, y, t, p = (events[name].astype(np.int64) for name in ("x", "y", "t", "p"))
    return packed(x, y, t, p, sensor_size)


def with_noise(events: Events, noise: Events) -> Events:
    """Both combined, sorted by time; at equal times, the recording's own come first."""
    both = np.concatenate([events, noise])
    return both[np.argsort(both["t"], kind="stable")]

"""Spike trains of spoken digits in HDF5 files, read on access: the layouts of SHD and of N-TIDIGITS18."""

import contextlib
import functools
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.core.paths import check_file
from hpbench.data.events.files import file_hashes
from hpbench.data.events.recordings import packed
from hpbench.data.events.source import Events, SensorSize
from hpbench.data.events.spoken.catalogue import SpokenSet


class Listed(NamedTuple):
    """Recordings of single words in a file: their keys there, and their labels (N,)."""

    keys: list[Any]
    labels: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SpikeFile:
    """An EventSource of recordings in one HDF5 file. Its sensor is one row, and all spikes are ON."""

    name: str
    entry: SpokenSet
    path: Path
    part: str
    """"train" or "test"."""
    keys: list[Any]
    labels: NDArray[np.int64]

    @property
    def sensor_size(self) -> SensorSize:
        """The channels in one row."""
        return self.entry.units, 1, 1

    @functools.cached_property
    def sha256(self) -> str:
        """SHA-256 of the file's bytes, and of which recordings of it these are."""
        these = f"{file_hashes([self.path])} {self.part} {self.keys} {self.labels.tolist()}"
        return hashlib.sha256(these.encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.keys)

    def chunk(self, start: int, stop: int) -> list[Events]:
        """Recordings start … stop - 1. Raises InputError, which names the file, for damaged ones."""
        read = LAYOUTS[self.entry.layout].read
        found = []
        with opened(self.path) as file:
            for key in self.keys[start:stop]:
                units, seconds = read(file, self.part, key)
                try:
                    found.append(spikes(units, seconds, self.entry.units))
                except InputError as error:
                    raise InputError(f"recording {key}: {error}") from error
        return found


def spikes(units: NDArray[Any], seconds: NDArray[Any], number: int) -> Events:
    """Spikes of channels at times in seconds as one recording, sorted in time and by channel.

    Raises InputError without spikes, for as many times as channels, a channel that is not below `number`, and
    for times that are no numbers or negative.
    """
    if len(units) != len(seconds):
        raise InputError(f"{len(units)} channels and {len(seconds)} times: expected as many")
    when = np.asarray(seconds, dtype=np.float64) * 1e6
    if not np.isfinite(when).all():
        raise InputError("it has times that are no numbers")
    times, channels = np.rint(when).astype(np.int64), np.asarray(units).astype(np.int64)
    order = np.lexsort((channels, times))
    row, on = np.zeros(len(order), dtype=np.int64), np.ones(len(order), dtype=np.int64)
    return packed(channels[order], row, times[order], on, (number, 1, 1))


def listed(entry: SpokenSet, path: Path, part: str) -> Listed:
    """The recordings of single words in a part of a file. Raises InputError, which names it, if damaged."""
    with opened(path) as file:
        return LAYOUTS[entry.layout].list(file, part, entry)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The open HDF5 file; its errors become InputErrors that name it."""
    import h5py

    check_file(path)
    try:
        with h5py.File(path, "r") as file:
            yield file
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"{path} is damaged or has another layout ({reason}): put the right file there"
        ) from error


def _list_shd(file: Any, part: str, entry: SpokenSet) -> Listed:
    labels = np.asarray(file["labels"]).astype(np.int64)
    times, units = file["spikes/times"], file["spikes/units"]
    if not len(labels) == len(times) == len(units):
        raise InputError(f"{len(labels)} labels, {len(times)} recordings: expected as many")
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(entry.words):
        raise InputError(
            f"labels from {labels.min()} to {labels.max()}: expected 0 to {len(entry.words) - 1}"
        )
    return Listed(list(range(len(labels))), labels)


def _read_shd(file: Any, part: str, key: int) -> tuple[Any, Any]:
    return file["spikes/units"][key], file["spikes/times"][key]


def _list_ntidigits(file: Any, part: str, entry: SpokenSet) -> Listed:
    """Those that end in one digit, as "fac-a-3"; others are of sequences."""
    names = [one.decode() if isinstance(one, bytes) else str(one) for one in file[f"{part}_labels"]]
    numbers = {word: number for number, word in enumerate(entry.words)}
    keys = [name for name in names if name.split("-")[-1] in numbers]
    labels = np.array([numbers[name.split("-")[-1]] for name in keys], dtype=np.int64)
    return Listed(keys, labels)


def _read_ntidigits(file: Any, part: str, key: str) -> tuple[Any, Any]:
    return np.asarray(file[f"{part}_addresses"][key]), np.asarray(file[f"{part}_timestamps"][key])


class Layout(NamedTuple):
    """How recordings are listed, and how one is read: its channels, and its times in seconds."""

    list: Callable[[Any, str, SpokenSet], Listed]
    read: Callable[[Any, str, Any], tuple[Any, Any]]


LAYOUTS = {
    "shd": Layout(_list_shd, _read_shd),
    "ntidigits": Layout(_list_ntidigits, _read_ntidigits),
}

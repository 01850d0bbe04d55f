"""Reads and checks one event recording: N-MNIST's 40 bits per event, tonic's arrays, or AEDAT 4."""

import contextlib
import tokenize
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.core.paths import check_file
from hpbench.data.events.source import EVENT, Events, SensorSize

Columns = tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.integer], NDArray[np.integer]]
"""x, y, t in microseconds and p, each (n,)."""


def read_recording(path: Path, layout: str, sensor_size: SensorSize) -> Events:
    """The events of one file in the format `layout` (a key of LAYOUTS).

    Raises InputError, which names the file, if it cannot be read or is truncated, empty, not sorted in time,
    or has events outside of the sensor or times in another unit.
    """
    check_file(path)
    with naming(path):
        return packed(*LAYOUTS[layout](path), sensor_size)


def gesture_duration(path: Path) -> int:
    """Microseconds from the first event to the last in a file of DVS Gesture; reads only these two.

    Raises InputError, which names the file, if it has another format or unit.
    """
    check_file(path)
    with naming(path):
        rows = _gesture_rows(path)
        if not len(rows):
            raise InputError(_EMPTY)
        return 1000 * _milliseconds(rows)


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Add the file's name to InputErrors."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


_EMPTY = "there are no events in it"


def packed(
    x: NDArray[np.integer],
    y: NDArray[np.integer],
    t: NDArray[np.integer],
    p: NDArray[np.integer],
    sensor_size: SensorSize,
) -> Events:
    """The columns as one recording. Raises InputError as `read_recording` does, without naming the file."""
    width, height, _ = sensor_size
    if not len(t):
        raise InputError(_EMPTY)
    if x.min() < 0 or y.min() < 0 or x.max() >= width or y.max() >= height:
        [first, *_] = np.flatnonzero((x < 0) | (y < 0) | (x >= width) | (y >= height))
        raise InputError(
            f"event {first} is at x = {x[first]}, y = {y[first]}, outside of the sensor of {width} x {height}"
        )
    if p.min() < 0 or p.max() > 1:
        raise InputError(f"polarities from {p.min()} to {p.max()}: expected 0 and 1")
    back = t[1:] < t[:-1]
    if back.any():
        later = int(back.argmax()) + 1
        raise InputError(f"times are not sorted: event {later} is at {t[later]} us, after {t[later - 1]} us")
    if t[0] < 0 or t[-1] > np.iinfo(np.uint32).max:
        raise InputError(f"times from {t[0]} to {t[-1]} us: expected 0 to {np.iinfo(np.uint32).max}")
    events = np.empty(len(t), EVENT)
    events["x"], events["y"], events["t"], events["p"] = x, y, t, p
    return events


def _read_bin(path: Path) -> Columns:
    from tonic.io import read_mnist_file

    try:
        size = path.stat().st_size
        if size % 5:
            raise InputError(f"{size:,} bytes are no whole number of events of 5 bytes: it is truncated")
        events = read_mnist_file(str(path), EVENT)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})") from error
    return events["x"], events["y"], events["t"], events["p"].view(np.uint8)


def _read_shifted_bin(path: Path) -> Columns:
    """N-Caltech101 as tonic reads it: recordings differ in size and are shifted into the sensor's corner."""
    x, y, t, p = _read_bin(path)
    return (x - x.min(), y - y.min(), t, p) if len(x) else (x, y, t, p)


def _read_npy(path: Path) -> Columns:
    """Rows x, y, p, t with t in milliseconds, as tonic provides DVS Gesture; the first event is at 0."""
    rows = _gesture_rows(path)
    x, y, p, t = rows.astype(np.int64).T
    return x, y, 1000 * (t - t[:1].sum()), p


GESTURE_MS = (100, 60_000)
"""Shortest and longest plausible clip of DVS Gesture; the published ones last about 6 s."""

_DAMAGES = (
    OSError,
    ValueError,
    EOFError,
    SyntaxError,
    MemoryError,
    OverflowError,
    tokenize.TokenError,
    zipfile.BadZipFile,
)
"""Exceptions of NumPy for damaged files."""


def _gesture_rows(path: Path) -> NDArray[np.integer]:
    """The rows (n, 4) of a file of DVS Gesture, memory-mapped."""
    try:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
    except _DAMAGES as error:
        raise InputError(f"it is truncated or no array ({' '.join(str(error).split())})") from error
    if not isinstance(rows, np.ndarray):
        raise InputError("it is an archive of arrays (.npz), expected one array")
    if rows.ndim != 2 or rows.shape[1] != 4 or not np.issubdtype(rows.dtype, np.integer):
        raise InputError(f"{rows.dtype} {rows.shape}: expected rows of four whole numbers x, y, p, t")
    low, high = GESTURE_MS
    lasts = _milliseconds(rows) if len(rows) else low
    if lasts > high or 0 <= lasts < low:
        raise InputError(
            f"its events span {lasts:,} ms, but clips of DVS Gesture last {low:,} to {high:,} ms: times must "
            f"be in milliseconds, not in {'micro' if lasts > high else ''}seconds"
        )
    return rows


def _milliseconds(rows: NDArray[np.integer]) -> int:
    return int(rows[-1, 3]) - int(rows[0, 3])


def aedat4_columns(path: Path) -> Columns:
    """The events of an AEDAT 4 file, with times since 1970. Raises InputError if it cannot be decoded."""
    from tonic.io import read_aedat4

    try:
        events = read_aedat4(str(path))
    except Exception as error:  # the decoder can raise anything
        raise InputError(f"it is truncated or no AEDAT 4 ({' '.join(str(error).split())})") from error
    t, x, y, p = (events[name] for name in events.dtype.names)
    return x, y, t.astype(np.int64), p.view(np.uint8)


def _read_aedat4(path: Path) -> Columns:
    x, y, t, p = aedat4_columns(path)
    return x, y, t - t[:1].sum(), p


LAYOUTS = {
    "bin": _read_bin,
    "shifted_bin": _read_shifted_bin,
    "npy": _read_npy,
    "aedat4": _read_aedat4,
}

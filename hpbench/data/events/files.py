"""Event recordings in files, one per file, read on access."""

import contextlib
import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically
from hpbench.core.paths import check_file
from hpbench.data.events.recordings import read_recording
from hpbench.data.events.source import Events, SensorSize
from hpbench.data.places import cache_folder


@dataclass(frozen=True, eq=False)
class EventFiles:
    """An EventSource of files of one layout, a key of LAYOUTS. Reading a damaged one raises InputError."""

    name: str
    sensor_size: SensorSize
    labels: NDArray[np.int64]
    paths: Sequence[Path]
    layout: str

    def __len__(self) -> int:
        return len(self.paths)

    def chunk(self, start: int, stop: int) -> list[Events]:
        """Recordings start … stop - 1."""
        with advice():
            return [read_recording(path, self.layout, self.sensor_size) for path in self.paths[start:stop]]

    @functools.cached_property
    def sha256(self) -> str:
        """SHA-256 of labels and files' bytes."""
        digest = hashlib.sha256(f"{self.layout} {self.labels.tolist()} ".encode())
        for one in file_hashes(self.paths):
            digest.update(one.encode())
        return digest.hexdigest()


@contextlib.contextmanager
def advice() -> Iterator[None]:
    """Add to errors about damaged files what the user can do."""
    try:
        yield
    except InputError as error:
        raise InputError(
            f"{error}. Put the right file in its place, or leave damaged recordings out with "
            "scenario.skip_damaged=true"
        ) from error


def damaged(paths: Sequence[Path], layout: str, sensor_size: SensorSize) -> dict[Path, str]:
    """Files that cannot be read as recordings, with the reasons. All files are read; the result is cached."""
    names = {str(path): path for path in paths}
    found = remembered(
        f"unusable {layout} {sensor_size}", paths, lambda: _damaged(paths, layout, sensor_size)
    )
    return {names[name]: reason for name, reason in found.items()}


def remembered(what: str, paths: Sequence[Path], make: Callable[[], Any]) -> Any:
    """The result of `make` for files, cached as JSON until one of their names, sizes or times changes.

    If the cache cannot be read or written, `make` is called each time. Raises InputError for a missing file.
    """
    try:
        stats = [(str(path.absolute()), (stat := path.stat()).st_size, stat.st_mtime_ns) for path in paths]
    except OSError as error:
        raise InputError(f"{error.filename} is listed but not there ({error.strerror}): remove it") from error
    key = hashlib.sha256(json.dumps([what, stats]).encode()).hexdigest()
    kept = cache_folder() / "event_files" / f"{key[:32]}.json"
    try:
        return json.loads(kept.read_text())
    except (OSError, ValueError):
        made = make()
    with contextlib.suppress(InputError):  # made again next time
        write_atomically(kept, json.dumps(made))
    return made


def file_hashes(paths: Sequence[Path]) -> list[str]:
    """SHA-256 of each file's bytes; cached until a file changes."""
    found: list[str] = remembered("fingerprint", paths, lambda: [_file_sha256(path) for path in paths])
    return found


def _file_sha256(path: Path) -> str:
    check_file(path)
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): fix its permissions") from error


def _damaged(paths: Sequence[Path], layout: str, sensor_size: SensorSize) -> dict[str, str]:
    found = {}
    for path in paths:
        try:
            read_recording(path, layout, sensor_size)
        except InputError as error:
            found[str(path)] = str(error)
    return found

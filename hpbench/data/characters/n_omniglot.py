"""N-Omniglot: Omniglot's characters as they are written, before an event camera; read as published.

Li, Dong, Zhao and Zeng, Sci. Data 9:746 (2022). Below `dvs_background*` and `dvs_evaluation*` every folder
`<alphabet>/characterNN` has an AEDAT 4 file of the 20 drawers' recordings, one after another, and a CSV file
with a row for each: number, first time, last time (us since 1970, the last one excluded).
"""

import functools
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.core.paths import check_file
from hpbench.data.characters.omniglot import CLASSES
from hpbench.data.characters.omniglot_files import DRAWERS
from hpbench.data.characters.recordings import CharacterRecordings
from hpbench.data.download import MissingError
from hpbench.data.events.files import file_hashes
from hpbench.data.events.recordings import aedat4_columns, naming, packed
from hpbench.data.events.source import Events, SensorSize
from hpbench.data.places import places

FOLDER = "NOmniglot"
"""Folder below a data root."""

LEFT, TOP, SIDE = 54, 4, 250
"""The square of the sensor (346 x 260) that has the characters, as the authors' code cuts it out."""

_CAMERA = (346, 260, 2)

_FILES = "dvs_{part}*/**/character*/*.aedat4"


@dataclass(frozen=True, eq=False)
class CharacterFiles:
    """An EventSource of AEDAT 4 files, 20 recordings in each, which a CSV file of the same name divides."""

    name: str
    paths: Sequence[Path]

    @property
    def sensor_size(self) -> SensorSize:
        """The size of the square."""
        return SIDE, SIDE, 2

    @property
    def labels(self) -> NDArray[np.int64]:
        """The number of a recording's file."""
        return np.repeat(np.arange(len(self.paths)), DRAWERS)

    def __len__(self) -> int:
        return len(self.paths) * DRAWERS

    def chunk(self, start: int, stop: int) -> list[Events]:
        """Recordings start … stop - 1; each file is read once per call."""
        files = range(start // DRAWERS, -(-min(stop, len(self)) // DRAWERS))
        found = [one for number in files for one in read_character(self.paths[number])]
        skipped = start % DRAWERS
        return found[skipped : skipped + stop - start]

    @functools.cached_property
    def sha256(self) -> str:
        """SHA-256 of all files' bytes."""
        both = [path for one in self.paths for path in (one, one.with_suffix(".csv"))]
        return hashlib.sha256(" ".join(file_hashes(both)).encode()).hexdigest()


def read_character(path: Path) -> list[Events]:
    """The 20 recordings of one AEDAT 4 file, within the square; times count from a recording's first one.

    Raises InputError, which names the file, if it or its CSV file cannot be read, if a recording has no
    events or is not within the file, and for events outside of the sensor or not sorted in time.
    """
    check_file(path)
    spans = _spans(path.with_suffix(".csv"))
    with naming(path):
        x, y, t, p = aedat4_columns(path)
        recordings = []
        for number, (first, last) in enumerate(np.searchsorted(t, spans).tolist(), 1):
            if first >= last:
                raise InputError(f"recording {number} has no events between the times of the CSV file")
            part = slice(first, last)
            events = packed(x[part], y[part], t[part] - t[first], p[part], _CAMERA)
            recordings.append(_square(events))
    return recordings


def _square(events: Events) -> Events:
    across, down = events["x"].astype(np.int64) - LEFT, events["y"].astype(np.int64) - TOP
    seen = (across >= 0) & (across < SIDE) & (down >= 0) & (down < SIDE)
    events = events[seen]
    events["x"], events["y"] = across[seen], down[seen]
    return events


def _spans(path: Path) -> NDArray[np.int64]:
    """First and last time of each recording, (20, 2)."""
    check_file(path)
    try:
        rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2), ndmin=2, dtype=np.float64)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} has no first and last times ({' '.join(str(error).split())})") from error
    if len(rows) != DRAWERS or not (rows[:, 0] < rows[:, 1]).all():
        raise InputError(f"{path}: expected {DRAWERS} rows number, first time, last time; it has {len(rows)}")
    return rows.astype(np.int64)  # exact: microseconds since 1970 are below 2^53


def find_files(folders: Sequence[Path]) -> tuple[Path, list[Path], int] | None:
    """The first of `folders` that has recordings, their files in the order of classes, and how many of these
    are for training (background); None if there are none."""
    for root in folders:
        parts = [
            sorted(
                (path for path in (root / FOLDER).glob(_FILES.format(part=part)) if path.name[0] != "."),
                key=lambda path: (path.parts[-3], path.parts[-2]),
            )
            for part in ("background", "evaluation")
        ]
        if any(parts):
            return root, [*parts[0], *parts[1]], len(parts[0])
    return None


def how_to_get(root: Path) -> str:
    """Instructions for the user: how to place N-Omniglot under `root` or elsewhere."""
    return (
        "unpack the archives of https://doi.org/10.6084/m9.figshare.16821427 (9 GB), so that "
        f"{root / FOLDER} has folders dvs_background and dvs_evaluation (a part of them will do), or name "
        f"the folder that holds {FOLDER} with data_root= or HPBENCH_DATA. Without them, saccade_omniglot and "
        "saccade_glyphs are generated recordings of characters"
    )


def load_n_omniglot(data_root: Path | None, say: Callable[[str], None]) -> CharacterRecordings:
    """N-Omniglot from the folders of `places`; a part of it is named with its classes ("n_omniglot-40").

    Raises MissingError if there are no recordings, and InputError if `data_root` does not exist or for two
    files of one character.
    """
    folders = places(data_root)
    found = find_files(folders)
    if found is None:
        where = " or ".join(str(root / FOLDER) for root in folders)
        raise MissingError(f"N-Omniglot is not in {where}", how_to_get(folders[0]))
    root, paths, training = found
    background = np.arange(len(paths)) < training
    characters = [(bool(one), *path.parts[-3:-1]) for one, path in zip(background, paths, strict=True)]
    for one, other, path in zip(characters, characters[1:], paths[1:], strict=False):
        if one == other:
            raise InputError(f"{path.parent}: expected one AEDAT 4 file for each character of {one[1]}")
    name = "n_omniglot" if len(paths) == CLASSES else f"n_omniglot-{len(paths)}"
    if len(paths) != CLASSES:
        say(
            f"{root / FOLDER} holds {len(paths):,} of {CLASSES:,} characters of N-Omniglot: the set is named "
            f"{name}, and its rows are not ranked with n_omniglot's."
        )
    alphabets = np.array([alphabet for _, alphabet, _ in characters])
    return CharacterRecordings(name, CharacterFiles(name, paths), DRAWERS, alphabets, background)

"""Loads real event recordings: complete or partial sets from disk, or complete ones from the network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError, nearest
from hpbench.core.settings import setting
from hpbench.data.download import DownloadError, MissingError
from hpbench.data.events.catalogue import EVENT_SETS, TEST, TRAIN, EventSet
from hpbench.data.events.fetch import fetch
from hpbench.data.events.files import EventFiles, damaged
from hpbench.data.events.source import EventData, EventSource
from hpbench.data.events.windows import cut_by_time
from hpbench.data.places import cache_folder, places


@dataclass
class RecordingSettings:
    """Settings for reading files of recordings."""

    skip_damaged: bool = setting(
        False,
        "leave damaged recordings out and print how many; otherwise the first one ends the run",
    )


@dataclass
class ClipSettings(RecordingSettings):
    """Settings for reading long clips, of which there may be only a training part."""

    window: float = setting(
        50.0,
        "length of the windows that clips are cut into if there is no test part",
        unit="ms",
        low=1,
        high=1e6,
    )


def load_recordings(
    name: str, settings: RecordingSettings, data_root: Path | None, say: Callable[[str], None]
) -> EventData:
    """The set `name` of EVENT_SETS, searched for in tonic's layout in the folders of `places`.

    A complete set is preferred; else a partial one is used, with its size in its name ("nmnist-1100"). If
    there are no recordings, they are unpacked into the cache from archives that the user has placed, or
    downloaded. Clips of DVS Gesture without a test part are cut into windows: the set is named
    "dvs_gesture-10clips".

    Raises MissingError if there are no recordings, and InputError for an unknown name or layout, if
    `data_root` does not exist, if a part has no recordings, or for an archive with another checksum.
    """
    if name not in EVENT_SETS:
        raise InputError(f"data set {name!r} is unknown: {nearest(name, EVENT_SETS)}")
    entry = EVENT_SETS[name]
    folders = places(data_root)
    found = find(entry, folders)
    if found is None:
        _fetch(entry, folders, say)
        found = find(entry, [cache_folder()])
        if found is None:
            raise InputError(f"{entry.folder(cache_folder())} vanished after it was unpacked: run again")
    return _assemble(entry, found, settings, say)


class Found(NamedTuple):
    """The data root with recordings of a set, and their files."""

    root: Path
    train: list[Path]
    test: list[Path]


def find(entry: EventSet, folders: Sequence[Path]) -> Found | None:
    """The complete set in the first of `folders` that has it, else the first partial one, else None."""
    partial = None
    for root in folders:
        found = Found(root, *entry.parts(root))
        if len(found.train) + len(found.test) == sum(entry.sizes):
            return found
        if (found.train or found.test) and partial is None:
            partial = found
    return partial


def how_to_get(entry: EventSet, root: Path) -> str:
    """Instructions for the user: how to place the set under `root` or elsewhere."""
    files = " and ".join(f"{one.file} (MD5 {one.md5}, from {one.url})" for one in entry.archives)
    patterns = " and ".join(entry.files.values())
    broken = (
        "since January 2026 not by tonic's link, which is broken, " if entry.name == "dvs_gesture" else ""
    )
    return (
        f"{broken}put {files} into {entry.folder(root)}, or the recordings that they hold ({patterns}; a "
        f"part of them will do), or name the folder that holds {entry.class_name} with data_root= or "
        "HPBENCH_DATA"
    )


def _fetch(entry: EventSet, folders: Sequence[Path], say: Callable[[str], None]) -> None:
    _refuse_unknown_layout(entry, folders)
    cache = cache_folder()
    try:
        fetch(entry, folders, cache)
    except DownloadError as error:
        where = " or ".join(str(entry.folder(root)) for root in folders)
        raise MissingError(
            f"{entry.title} is not in {where} and could not be downloaded ({error})",
            how_to_get(entry, folders[0]),
        ) from error
    say(f"Unpacked {entry.title} into {entry.folder(cache)}.")


def _refuse_unknown_layout(entry: EventSet, folders: Sequence[Path]) -> None:
    """Raise InputError for a folder of the set that has files, but neither recordings nor archives."""
    known = {one.file for one in entry.archives}
    for folder in map(entry.folder, folders):
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        if names and not known & set(names):
            raise InputError(
                f"{folder} holds {', '.join(names[:3])}{' …' if len(names) > 3 else ''}, but no recordings "
                f"in tonic's layout ({' and '.join(entry.files.values())}): arrange it so, or choose "
                "another data_root"
            )


def _assemble(
    entry: EventSet, found: Found, settings: RecordingSettings, say: Callable[[str], None]
) -> EventData:
    folder = entry.folder(found.root)
    whole, skipped = found, 0
    if settings.skip_damaged:
        found, skipped = _without_damaged(entry, found, say)
    clips = entry.layout == "npy" and not whole.test
    for part, paths in ((TRAIN, found.train), (TEST, found.test)):
        if not paths and not (clips and part == TEST):
            pattern = entry.files.get(part, entry.files[TRAIN])
            raise InputError(f"{folder} holds no recordings for {part}: expected some in tonic's {pattern}")
    size = len(found.train) + len(found.test)
    complete = size == sum(entry.sizes)
    name = entry.name if complete else f"{entry.name}-{size}{'clips' if clips else ''}"
    labels = entry.labels([*found.train, *found.test])

    def source(paths: list[Path], its_labels: NDArray[np.int64]) -> EventFiles:
        return EventFiles(name, entry.sensor_size, its_labels, paths, entry.layout)

    train: EventSource = source(found.train, labels[: len(found.train)])
    test: EventSource = source(found.test, labels[len(found.train) :])
    if clips:
        assert isinstance(settings, ClipSettings)
        train, test = cut_by_time(source(found.train, labels), round(1000 * settings.window), name)
    if not complete:
        say(
            f"{folder} holds {size:,} of {sum(entry.sizes):,} recordings of {entry.title}: the set is named "
            f"{name}, and its rows are not ranked with {entry.name}'s."
        )
    return EventData(
        name=name,
        train=train,
        test=test,
        classes=int(labels.max()) + 1,
        source=f"{'complete' if complete else 'a part of'} {entry.title} in {folder}",
        skipped=skipped,
    )


def _without_damaged(entry: EventSet, found: Found, say: Callable[[str], None]) -> tuple[Found, int]:
    reasons = damaged([*found.train, *found.test], entry.layout, entry.sensor_size)
    if not reasons:
        return found, 0
    say(f"{len(reasons):,} damaged recordings are left out, first {next(iter(reasons.values()))}.")
    train, test = ([path for path in paths if path not in reasons] for paths in (found.train, found.test))
    return Found(found.root, train, test), len(reasons)

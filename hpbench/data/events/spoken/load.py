"""Loads spoken digits as spikes: recorded ones from disk or network, else generated words, named so."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.data.download import DownloadError, MissingError
from hpbench.data.events.fetch import fetch
from hpbench.data.events.source import EventData
from hpbench.data.events.spoken.catalogue import SpokenSet
from hpbench.data.events.spoken.formants import formant_words
from hpbench.data.events.spoken.hdf5_files import SpikeFile, listed
from hpbench.data.places import cache_folder, places

GENERATED = "formant_words"


@dataclass
class SpokenSettings:
    """Which set of spoken words to use."""

    dataset: str = setting(
        "auto",
        "recorded (the set that the scenario is named after), formant_words (generated words), or the first "
        "available",
        choices=("auto", "recorded", GENERATED),
        shapes_run=False,  # the row names the data set that was found
    )


def load_spoken(
    entry: SpokenSet,
    which: str,
    data_root: Path | None,
    say: Callable[[str], None],
    left_out: tuple[str, ...] = (),
) -> EventData:
    """The set, or `formant_words` with as many channels and words; the name of what is returned says which.

    which: "recorded" (the set or an error), "formant_words", or "auto": the set if it is on disk or can be
    downloaded, else generated words, with one line to `say`. Words `left_out` are in neither, and the others
    are numbered anew. A part of the set is named with its number of recordings ("shd-500").

    Raises InputError if `data_root` does not exist, for damaged files, and if there is no set.
    """
    words = len(entry.words) - len(left_out)
    if which == GENERATED:
        return formant_words(entry.units, words)
    folders = places(data_root)
    found = find(entry, folders)
    if found is None:
        try:
            found = _fetched(entry, folders, say)
        except MissingError as error:
            if which == "recorded":
                raise
            say(
                f"{error.reason}: using {GENERATED}, generated words. They are not {entry.title}, and their "
                "rows are not ranked with its rows."
            )
            return formant_words(entry.units, words)
    return _assemble(entry, found, say, left_out)


def find(entry: SpokenSet, folders: list[Path]) -> Path | None:
    """The first of `folders` with the files of both parts; None if there is none."""
    return next((root for root in folders if all(entry.parts(root))), None)


def how_to_get(entry: SpokenSet, root: Path) -> str:
    """Instructions for the user: how to place the set under `root` or elsewhere."""
    files = " and ".join(dict.fromkeys(entry.files))
    return (
        f"put {files} from {entry.link} into {entry.folder(root)}, or name the folder that holds "
        f"{entry.class_name} with data_root= or HPBENCH_DATA"
    )


def _fetched(entry: SpokenSet, folders: list[Path], say: Callable[[str], None]) -> Path:
    where = " or ".join(str(entry.folder(root)) for root in folders)
    remedy = how_to_get(entry, folders[0])
    if not entry.archives:
        raise MissingError(f"{entry.title} is not in {where}", remedy)
    cache = cache_folder()
    try:
        fetch(entry, folders, cache)
    except DownloadError as error:
        raise MissingError(
            f"{entry.title} is not in {where} and could not be downloaded ({error})", remedy
        ) from error
    say(f"Unpacked {entry.title} into {entry.folder(cache)}.")
    return cache


def _assemble(
    entry: SpokenSet, root: Path, say: Callable[[str], None], left_out: tuple[str, ...]
) -> EventData:
    paths = dict(zip(("train", "test"), map(entry.folder(root).joinpath, entry.files), strict=True))
    parts = {part: listed(entry, path, part) for part, path in paths.items()}
    sizes = tuple(len(one.keys) for one in parts.values())
    for part, size in zip(parts, sizes, strict=True):
        if not size:
            raise InputError(f"{paths[part]} holds no recordings of single words for {part}: complete it")
    complete = not any(entry.sizes) or sizes == entry.sizes
    name = entry.name if complete else f"{entry.name}-{sum(sizes)}"
    if not complete:
        say(
            f"{entry.folder(root)} holds {sum(sizes):,} of {sum(entry.sizes):,} recordings of {entry.title}: "
            f"the set is named {name}, and its rows are not ranked with {entry.name}'s."
        )
    kept = [number for number, word in enumerate(entry.words) if word not in left_out]
    anew = {number: place for place, number in enumerate(kept)}
    name = name if not left_out else f"{name}_without_{'_'.join(left_out)}"

    def source(part: str) -> SpikeFile:
        keys, labels = parts[part]
        rows = [row for row, label in enumerate(labels.tolist()) if label in anew]
        numbers = np.array([anew[int(labels[row])] for row in rows], dtype=np.int64)
        return SpikeFile(name, entry, paths[part], part, [keys[row] for row in rows], numbers)

    return EventData(
        name=name,
        train=source("train"),
        test=source("test"),
        classes=len(kept),
        source=f"{entry.title} in {entry.folder(root)}",
        skipped=0,
    )

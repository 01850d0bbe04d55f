"""Loads a complete image data set from disk or network, or a stand-in for it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hpbench.core.errors import InputError, nearest
from hpbench.data.download import DownloadError, MissingError, once
from hpbench.data.images.download import download
from hpbench.data.images.image_data import ImageData
from hpbench.data.images.torchvision_sets import TorchvisionSet, find, how_to_get
from hpbench.data.places import cache_folder, places

_loaded: dict[tuple[str, Path], ImageData] = {}  # by set and folder: a sweep reads the files once


def load_complete(entry: TorchvisionSet, data_root: Path | None, say: Callable[[str], None]) -> ImageData:
    """The set, searched for in the folders of `places`, else downloaded into the cache, with a line to `say`.

    HPBENCH_OFFLINE=1 in the environment forbids the download. Raises MissingError if the set is not
    available, and InputError if `data_root` does not exist or files are damaged.
    """
    folders = places(data_root)
    for folder in folders:
        found = _loaded.get((entry.name, folder)) or find(entry, folder)
        if found is not None:
            _loaded[entry.name, folder] = found
            return found
    cache = cache_folder()
    try:
        found = once(entry.name, cache, lambda: download(entry, cache))
    except DownloadError as error:
        where = " or ".join(str(entry.folder(folder)) for folder in folders)
        raise MissingError(
            f"complete {entry.class_name} is not in {where} and could not be downloaded ({error})",
            how_to_get(entry, folders[0]),
        ) from error
    _loaded[entry.name, cache] = found
    say(f"Downloaded complete {entry.class_name} into {entry.folder(cache)}.")
    return found


@dataclass(frozen=True)
class StandIn:
    """A replacement where the complete set is not available: its name, a loader, and its description."""

    name: str
    make: Callable[[], ImageData]
    words: str


def load_or_stand_in(
    entry: TorchvisionSet, stand_in: StandIn, which: str, data_root: Path | None, say: Callable[[str], None]
) -> ImageData:
    """The set named `which`; the `name` of the returned set says which one it is.

    which: name of the complete set, name of the stand-in, or "auto": the complete set if it is on disk or can
    be downloaded, else the stand-in, with one line to `say`.

    Raises InputError for another name, if `data_root` does not exist, if files are damaged, or if `which` is
    the complete set and it is not available.
    """
    names = ("auto", entry.name, stand_in.name)
    if which not in names:
        raise InputError(f"data set {which!r} is unknown: {nearest(which, names)}")
    if which == stand_in.name:
        places(data_root)
        return stand_in.make()
    try:
        return load_complete(entry, data_root, say)
    except MissingError as missing:
        if which == entry.name:
            raise
        say(f"{missing.reason[0].upper()}{missing.reason[1:]}: using {stand_in.name}, {stand_in.words}")
        return stand_in.make()

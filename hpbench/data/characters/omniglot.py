"""Omniglot from disk or network, or else `glyphs`, named as such."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hpbench.core.errors import InputError, nearest
from hpbench.core.settings import setting
from hpbench.data.characters.characters import Characters, read_characters, save_characters
from hpbench.data.characters.glyphs import load_glyphs
from hpbench.data.characters.omniglot_files import FOLDER, read_omniglot
from hpbench.data.download import DownloadError, fetching, first_to_answer, once, put_together
from hpbench.data.places import cache_folder, places

WHICH = ("auto", "omniglot", "glyphs")

CLASSES, BACKGROUND_CLASSES = 1623, 964
SHA256 = "7afd692ed52fd4ed15e8335892e166cb20a85c157ba0ace48e6afbad37373c54"
"""Characters.sha256 of complete Omniglot at 28x28, whatever files it was read from."""

_loaded: dict[Path, Characters] = {}  # by cache folder: a sweep reads the files once


@dataclass
class OmniglotSettings:
    """Which character set to use."""

    dataset: str = setting(
        "auto",
        "omniglot (complete), glyphs (characters of fonts in generated handwriting), or the first available",
        choices=WHICH,
        shapes_run=False,  # the row names the data set that was found
    )


def load_omniglot(which: str, data_root: Path | None, say: Callable[[str], None]) -> Characters:
    """Complete Omniglot or `glyphs`; the name of what is returned says which.

    which: "omniglot" (complete or an error), "glyphs", or "auto": Omniglot if it is on disk or can be
    downloaded, else glyphs, with one line to `say`. Omniglot is searched for in the folders of
    `places`, and in `omniglot-py` below them. It is stored at 28x28 in the cache, so that the drawings
    are read once. HPBENCH_OFFLINE=1 in the environment forbids the download.

    Raises InputError if `data_root` does not exist, if files are damaged, or if there is no Omniglot.
    """
    if which not in WHICH:
        raise InputError(f"data set {which!r} is unknown: {nearest(which, WHICH)}")
    folders = places(data_root)
    if which == "glyphs":
        return load_glyphs()
    cache = cache_folder()
    found = _loaded.get(cache) or kept() or _find(folders)
    if found is None:
        where = " or ".join(str(folder / FOLDER) for folder in folders)
        try:
            found = once("omniglot", cache, lambda: _download(cache))
        except DownloadError as error:
            reason = f"Omniglot is not in {where} and could not be downloaded ({error})"
            if which == "omniglot":
                raise InputError(f"{reason}. To get it, {how_to_get(folders[0])}") from error
            say(
                f"{reason}: using glyphs, characters of matplotlib's fonts in generated handwriting. "
                "They are not Omniglot, and their rows are not ranked with its rows."
            )
            return load_glyphs()
        say(f"Downloaded Omniglot; it is stored at 28x28 in {cached_file()}.")
    _loaded[cache] = found
    return found


def cached_file() -> Path:
    """The file in the cache for Omniglot at 28x28; it need not exist."""
    return cache_folder() / "omniglot_28.npz"


def kept() -> Characters | None:
    """Omniglot from the cache; None if it is not there or not complete."""
    return read_characters(cached_file(), "omniglot", SHA256)


def how_to_get(root: Path) -> str:
    """Instructions for the user: how to place Omniglot under `root` or elsewhere."""
    return (
        f"put images_background.zip and images_evaluation.zip, or what they hold, into {root / FOLDER} "
        f"(torchvision.datasets.Omniglot({str(root)!r}, background=True and False, download=True) does so), "
        f"or name the folder that holds {FOLDER} with data_root= or HPBENCH_DATA"
    )


def _find(folders: list[Path]) -> Characters | None:
    for root in folders:
        for folder in (root / FOLDER, root):
            found = read_omniglot(folder) if folder.is_dir() else None
            if found is not None:
                return _keep(found, folder)
    return None


def _keep(found: Characters, folder: Path) -> Characters:
    """The set, written to the cache if possible. Raises InputError if it is not complete."""
    if found.sha256 != SHA256:
        raise InputError(
            f"{folder} does not hold complete Omniglot: {len(found.images):,} of {CLASSES:,} characters "
            f"with SHA-256 {found.sha256}, expected {SHA256}; complete it or choose another data_root"
        )
    with contextlib.suppress(InputError):  # read again next time
        save_characters(found, cached_file())
    return found


def _download(cache: Path) -> Characters:
    """Download both zips by torchvision into a temporary folder; only the drawings at 28x28 are stored.

    Raises DownloadError with the reason; nothing is then written to the cache.
    """
    from torchvision.datasets import Omniglot

    first_to_answer([f"{Omniglot.download_url_prefix}/"], "images_background.zip")
    with put_together("Omniglot", cache) as temporary:
        found = kept()
        if found is not None:
            return found
        with fetching():
            for background in (True, False):
                Omniglot(str(temporary), background=background, download=True)
        folder = temporary / FOLDER
        try:
            found = read_omniglot(folder)
            if found is None:
                raise DownloadError("the archives hold no drawings")
            return _keep(found, folder)
        except InputError as error:
            raise DownloadError(f"the server sent something else: {error}") from error

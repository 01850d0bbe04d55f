"""A set of recordings put into the cache by tonic: from archives placed by hand, else from the network."""

import contextlib
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hpbench.core.errors import InputError
from hpbench.data.download import DownloadError, fetching, first_to_answer, once, put_together
from hpbench.data.events.catalogue import EventSet
from hpbench.data.events.spoken.catalogue import SpokenSet


def fetch(entry: EventSet | SpokenSet, folders: Sequence[Path], cache: Path) -> None:
    """Unpack the set into `cache` from archives in its folder below `folders`, else from the network.

    Checksums are verified; HPBENCH_OFFLINE forbids the download. Raises DownloadError with the reason, and
    InputError for an archive placed by hand with another checksum; the cache then holds nothing of it.
    """
    placed = _placed(entry, folders)
    missing = [one.url for one in entry.archives if one.file not in placed]
    if not missing:
        _unpack(entry, placed, cache)
        return

    def download() -> None:
        for url in missing:
            first_to_answer([url], "")
        _unpack(entry, placed, cache)

    once(entry.name, cache, download)


def _placed(entry: EventSet | SpokenSet, folders: Sequence[Path]) -> dict[str, Path]:
    """Archives that were placed by hand, by name. Raises InputError for a wrong checksum."""
    found = {}
    for one in entry.archives:
        for path in (entry.folder(root) / one.file for root in folders):
            if one.file not in found and path.is_file():
                with path.open("rb") as file:
                    md5 = hashlib.file_digest(file, "md5").hexdigest()
                if md5 != one.md5:
                    raise InputError(
                        f"{path} is not {entry.title}'s archive: {path.stat().st_size:,} bytes with MD5 "
                        f"{md5}, expected {one.md5}; delete it or fetch it anew"
                    )
                found[one.file] = path
    return found


def _unpack(entry: EventSet | SpokenSet, placed: dict[str, Path], cache: Path) -> None:
    # A class of the same name, since tonic names the folder after it.
    dataset = type(entry.class_name, (_tonic_class(entry),), {"_check_exists": lambda _: False})
    wanted = [{}] if entry.test_every else [{"train": True}, {"train": False}]
    target = entry.folder(cache)
    with put_together(entry.class_name, cache) as temporary:
        if all(entry.parts(cache)):  # by another process
            return
        home = entry.folder(temporary)
        home.mkdir()
        for file, path in placed.items():
            (home / file).symlink_to(path.resolve())
        with fetching(), contextlib.redirect_stdout(io.StringIO()):
            for part in wanted:
                dataset(str(temporary), **part)
        if not all(entry.parts(temporary)):
            raise DownloadError("the archives hold no recordings in the layout that tonic expects")
        target.mkdir(exist_ok=True)
        recordings = [path for part in entry.parts(temporary) for path in part]
        for one in [one for one in home.iterdir() if one.is_dir() or one in recordings]:
            one.replace(target / one.name)


def _tonic_class(entry: EventSet | SpokenSet) -> Any:
    import tonic.datasets

    return getattr(tonic.datasets, entry.class_name)

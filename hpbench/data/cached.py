"""What lies in the cache folder, by kind, and how to free it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from hpbench.core.errors import InputError
from hpbench.data.places import NOT_FILED, cache_folder, learners_folder, states_folder

KINDS = {
    "states": "of runs that have not ended, which go on from them",
    "learners": "trained ones, for later runs with the same training",
    "data": "data sets that were downloaded or made, and what was computed from them",
}
"""What can be freed, and what it is."""


@dataclass(frozen=True)
class Cached:
    """A file or folder in the cache, with the number of its files and their size."""

    kind: str
    path: Path
    files: int
    size: int


def cached() -> list[Cached]:
    """All files and folders in the cache, by kind and name; empty if there is no cache."""
    folder = cache_folder()
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return []
    kinds = {states_folder(): "states", learners_folder(): "learners"}
    freeable = [path for path in paths if path.name != NOT_FILED]
    found = [_measured(kinds.get(path, "data"), path) for path in freeable]
    return sorted(found, key=lambda one: list(KINDS).index(one.kind))


def free(some: list[Cached]) -> int:
    """Remove these; returns the bytes that are freed. Raises InputError for what cannot be removed."""
    freed, refused = 0, []
    for one in some:
        if one.path.is_dir() and not one.path.is_symlink():
            shutil.rmtree(one.path, onerror=lambda _, path, __: refused.append(path))
        else:
            try:
                one.path.unlink()
            except OSError:
                refused.append(str(one.path))
        freed += one.size - _measured(one.kind, one.path).size
    if refused:
        raise InputError(
            f"freed {in_words(freed)}; {len(refused)} files and folders could not be removed, the first is "
            f"{refused[0]}: whoever owns it can"
        )
    return freed


def in_words(size: int) -> str:
    """A number of bytes: "1.2 GB"."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"


def _measured(kind: str, path: Path) -> Cached:
    files = [path] if path.is_file() or path.is_symlink() else path.rglob("*")
    sizes = []
    for one in files:
        try:
            if not one.is_dir():
                sizes.append(one.lstat().st_size)
        except OSError:  # it was removed meanwhile
            continue
    return Cached(kind, path, len(sizes), sum(sizes))

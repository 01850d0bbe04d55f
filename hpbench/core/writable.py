"""Finds out before a run whether its results can be written at its end."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from hpbench.core.errors import InputError

_NEEDED_BYTES = 1_000_000
"""About what a run writes: its record, its picture and its board."""


def check_writable(folders: Iterable[Path], changed: Iterable[Path], replaced: Iterable[Path]) -> None:
    """Raise InputError if a folder (made if missing) takes no new file, or a file in it cannot be written.

    `changed` are files that are opened for writing, such as locks, `replaced` those over which a new file is
    renamed. None of them needs to exist.
    """
    for folder in folders:
        with _told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(bytes(_NEEDED_BYTES))
                file.flush()
                os.fsync(file.fileno())
    for path in changed:
        with _told(path):
            if path.exists():
                path.open("r+b").close()
    for path in replaced:
        with _told(path):
            if path.exists():
                _check_replaceable(path)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot write to {path} ({error.strerror or error}): choose another folder with --out, or let "
            "its owner make it writable"
        ) from error


def _check_replaceable(path: Path) -> None:
    """In a sticky folder such as /tmp, only the owner of a file or of the folder can replace the file."""
    folder = path.parent.stat()
    owners = (path.stat().st_uid, folder.st_uid, 0)
    if folder.st_mode & stat.S_ISVTX and hasattr(os, "geteuid") and os.geteuid() not in owners:
        raise PermissionError(1, "its folder lets only its owner replace it")

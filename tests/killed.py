"""Ends a process as a kill does, at a chosen call that changes a file."""

import itertools
import os
import sys
from pathlib import Path
from typing import Any

KILLED = 9
"""Exit code of a process that `die_at` has ended."""

_CHANGING = (
    "os.rename",
    "os.mkdir",
    "os.remove",
    "os.chmod",
    "os.truncate",
    "os.link",
    "os.symlink",
    "os.rmdir",
    "tempfile.mkstemp",
)


def die_at(number: int, folder: Path) -> None:
    """End this process before its n-th call, from 1, that takes a lock or changes a file below `folder`."""
    count = itertools.count(1)

    def die_there(event: str, arguments: tuple[Any, ...]) -> None:
        if _changes(event, arguments, folder) and next(count) == number:
            os._exit(KILLED)

    sys.addaudithook(die_there)


def _changes(event: str, arguments: tuple[Any, ...], folder: Path) -> bool:
    """Whether an audit event is such a call; one that locks has a descriptor in place of a path."""
    if event == "fcntl.flock":
        return True
    below = any(isinstance(one, str | Path) and Path(one).is_relative_to(folder) for one in arguments)
    if event == "open":
        return below and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return below and event in _CHANGING

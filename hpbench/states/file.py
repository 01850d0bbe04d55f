"""The file of a state: a line that says what it is, then the pickled state.

A pickle can do anything to whoever loads it. Files and their folder are therefore readable and writable by
their owner alone, and a file of another user, or one that others could have written, is never loaded.
"""

import hashlib
import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically
from hpbench.core.private import make_own_folder, not_private, own_folder

_MAGIC = b"hpbench state 1\n"


class UnusableError(Exception):
    """A state cannot be used, for the reason given. `ours`: whether the file may be replaced."""

    def __init__(self, reason: str, *, ours: bool = True) -> None:
        super().__init__(reason)
        self.ours = ours


@dataclass(frozen=True)
class Label:
    """What the first line of a state says: what made it, and where in the run it was made, in words."""

    made_by: dict[str, Any]
    where: str


def private_folder(folder: Path) -> Path:
    """The folder of this user's states in `folder`, made if missing.

    Raises InputError if it cannot be made, and UnusableError if it is not this user's.
    """
    try:
        own = make_own_folder(folder)
    except OSError as error:
        raise InputError(f"cannot make the folder {own_folder(folder)} ({error.strerror})") from error
    _check_ours(own, os.lstat(own))
    return own


def write_state(path: Path, label: Label, content: "bytes | memoryview") -> None:
    """Write a state, readable by its owner alone. Raises InputError if it cannot be written."""
    first = {
        "made_by": label.made_by,
        "where": label.where,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    write_atomically(path, [_MAGIC, json.dumps(first).encode() + b"\n", content], private=True)


def read_state(path: Path, accept: Callable[[Label], None]) -> tuple[Label, bytes] | None:
    """The state at `path`; None if there is none.

    `accept` is called with its label before the rest is read, and may raise UnusableError, as this does for
    a file that is damaged or not this user's.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnusableError(f"{path} cannot be read ({error.strerror})") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UnusableError(f"{path} is no regular file", ours=False)
        _check_ours(path, status)
        try:
            if file.readline(100) != _MAGIC:
                raise UnusableError("its file is damaged or of another version of hpbench")
            first = json.loads(file.readline())
            label = Label(first["made_by"], first["where"])
            accept(label)
            content = file.read()
            whole = len(content) == first["bytes"] and hashlib.sha256(content).hexdigest() == first["sha256"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnusableError("its file is damaged") from error
    if not whole:
        raise UnusableError("its file is damaged")
    return label, content


def _check_ours(path: Path, status: os.stat_result) -> None:
    reason = not_private(path, status)
    if reason:
        raise UnusableError(reason, ours=False)

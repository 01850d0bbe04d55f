"""Files that can run code when they are loaded: their folder and they belong to one user alone."""

import os
import stat
from contextlib import suppress
from pathlib import Path

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def own_folder(folder: Path) -> Path:
    """The folder of this user's files in `folder`; it need not exist."""
    return folder / (f"user-{os.getuid()}" if hasattr(os, "getuid") else "user")


def make_own_folder(folder: Path) -> Path:
    """The same, made if missing, for this user alone. Raises OSError if it cannot be made."""
    own = own_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        own.mkdir(mode=0o700)
    return own


def not_private(path: Path, status: os.stat_result) -> str:
    """Why a file or folder with this status (of lstat) may be another user's work; empty if it cannot be."""
    if not hasattr(os, "geteuid"):
        return ""
    if stat.S_ISLNK(status.st_mode):
        return f"{path} is a link"
    if status.st_uid != os.geteuid():
        return f"{path} belongs to another user"
    if status.st_mode & _OTHERS_WRITE:
        return f"{path} can be written by others (chmod go-w makes it usable)"
    return ""

"""What is at a path: a file, a folder or something else, also where the system refuses the path."""

from pathlib import Path

from hpbench.core.errors import InputError


def check_file(path: Path) -> None:
    """Raise InputError if there is anything but a regular file at `path`: a pipe would be waited for."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is {not_a_file(path)}, expected a file: remove it")


def not_a_file(path: Path) -> str:
    """What is at `path` in place of a regular file, fit for the end of a sentence: "a folder" …"""
    if path.is_dir():
        return "a folder"
    if path.exists():
        return "no regular file (a pipe, a socket or a device)"
    return "a link to nothing" if path.is_symlink() else "not there"


def is_folder(path: Path) -> bool:
    """Whether there is a folder at `path`; False for a path that the system refuses, such as one too long."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def expanded(path: Path) -> Path:
    """The path with a first "~" or "~user" replaced; as it was if there is no such user or home folder."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path

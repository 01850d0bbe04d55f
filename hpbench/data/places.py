"""The folders that are searched for data sets."""

import os
from pathlib import Path

from hpbench.core.errors import InputError
from hpbench.core.paths import expanded, is_folder
from hpbench.core.user_folders import user_folder

NOT_FILED = "hpbench_not_filed"
"""Folder of the records of finished runs that could not be written where they belong, in the cache folder."""


def cache_folder() -> Path:
    """The cache folder of this package; it need not exist. Raises InputError if the user has no folders."""
    return user_folder("cache")


def learners_folder() -> Path:
    """The folder of trained states, in the cache folder; it need not exist."""
    return cache_folder() / "learners"


def states_folder() -> Path:
    """The folder of the states of unfinished runs, in the cache folder; it need not exist."""
    return cache_folder() / "states"


def places(data_root: Path | None) -> list[Path]:
    """Folders to search, in order: `data_root`, else that in HPBENCH_DATA; then the cache folder.

    Raises InputError if `data_root` or the folder in HPBENCH_DATA does not exist.
    """
    variable = os.environ.get("HPBENCH_DATA")
    if data_root is not None:
        return [_existing(data_root, f"data_root={data_root}"), cache_folder()]
    if variable:
        return [_existing(Path(variable), f"HPBENCH_DATA={variable}"), cache_folder()]
    return [cache_folder()]


def _existing(folder: Path, named: str) -> Path:
    folder = expanded(folder)
    if not is_folder(folder):
        raise InputError(
            f"{named}: there is no such folder. Name the folder that holds MNIST/raw, or leave it out"
        )
    return folder

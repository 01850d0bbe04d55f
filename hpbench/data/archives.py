"""Zip archives, NumPy's .npz among them, before they are unpacked."""

import zipfile
from pathlib import Path

from hpbench.core.errors import InputError


def check_unpacked(path: Path, limit: int) -> None:
    """Raise InputError if the members of an archive would unpack to more than `limit` bytes together.

    Raises BadZipFile or OSError if it is no archive or cannot be read.
    """
    with zipfile.ZipFile(path) as archive:
        size = sum(one.file_size for one in archive.infolist())
    if size > limit:
        raise InputError(
            f"{path} would unpack to {size:,} bytes, expected at most {limit:,}: it is another file"
        )

"""The user's folders for caches and logs, also where there is no home folder."""

import getpass
import os
import tempfile
from pathlib import Path
from typing import Literal

from hpbench.core.errors import InputError


def user_folder(kind: Literal["cache", "log"]) -> Path:
    """The platform's folder of this kind for hpbench; it need not exist.

    Without a home folder it is one for this user in the folder of temporary files. Raises InputError if
    there is none of these either.
    """
    import platformdirs

    find = platformdirs.user_cache_dir if kind == "cache" else platformdirs.user_log_dir
    try:
        return Path(find("hpbench", appauthor=False))
    except (OSError, RuntimeError, KeyError):
        pass
    try:
        return Path(tempfile.gettempdir()) / f"hpbench-{_user()}" / kind
    except OSError as error:
        raise InputError(
            f"there is neither a home folder nor one for temporary files ({error.strerror}): set HOME or "
            f"XDG_{'CACHE' if kind == 'cache' else 'STATE'}_HOME to a folder that can be written"
        ) from error


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return str(getattr(os, "getuid", int)())

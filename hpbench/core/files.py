"""Atomic writing of files: a reader sees the old content or the new, never a part."""

import contextlib
import errno
import os
import platform
import re
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from hpbench.core.errors import InputError

_LEFT_OVER = re.compile(r"\..+\.(?P<host>[^.]*)\.(?P<process>\d+)-\w+\.tmp", re.DOTALL)
_ABANDONED_SECONDS = 24 * 3600.0
"""Age from which a temporary file of another machine belongs to no running process."""


def write_atomically(
    path: Path, content: str | bytes | Sequence[bytes | memoryview], *, private: bool = False
) -> None:
    """Write `content`, which may be in parts, to a temporary file beside `path`, then rename it over `path`.

    A `private` file can be read by its owner alone. Raises InputError if the folder cannot be written or the
    disk is full; `path` is then as it was.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        prefix = f".{path.name[:100]}.{_host()}.{os.getpid()}-"
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=".tmp")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        if not private:
            temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise InputError(_explain(path, error)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def remove_left_over(folders: Iterable[Path]) -> None:
    """Remove the temporary files in these folders whose process was killed; errors are ignored."""
    for folder in folders:
        with contextlib.suppress(OSError):
            for path in folder.glob(".*.tmp"):
                name = _LEFT_OVER.fullmatch(path.name)
                if name and _is_abandoned(path, name["host"], int(name["process"])):
                    path.unlink(missing_ok=True)


def _is_abandoned(path: Path, host: str, process: int) -> bool:
    if host != _host():
        return time.time() - path.stat().st_mtime > _ABANDONED_SECONDS
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it runs, as another user
        pass
    return False


def _host() -> str:
    return re.sub(r"\W", "_", platform.node())[:40]


def has_content(path: Path, content: str | bytes | None) -> bool:
    """Whether `path` is a file with this content; False if it cannot be read."""
    data = content.encode() if isinstance(content, str) else content
    try:
        return path.is_file() and path.read_bytes() == data
    except OSError:
        return False


def _umask() -> int:
    """The process's umask, which mkstemp ignores: its files are readable by the owner only."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _explain(path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: {path} was not written and is unchanged. Free some space and run again."
    return f"cannot write {path} ({error.strerror}). Choose a folder that can be written."

"""Downloads of data sets: choice of a mirror, one attempt per process, complete sets only, and errors."""

import contextlib
import http.client
import io
import os
import queue
import socket
import sys
import tarfile
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from hpbench.core.errors import InputError

TIMEOUT = 10.0
"""Seconds that a server may stay silent."""

_LOCK_TIMEOUT = 600.0
"""Seconds to wait for another process that downloads the same set."""

_FAILURES = (
    OSError,
    RuntimeError,
    EOFError,
    http.client.HTTPException,
    zlib.error,
    zipfile.BadZipFile,
    tarfile.TarError,
)

Got = TypeVar("Got")

_failed: dict[tuple[str, Path], str] = {}  # by set and cache, why: a sweep waits for the network once


class DownloadError(Exception):
    """The set could not be downloaded; the message is the reason, fit for a bracket in a sentence."""


class MissingError(InputError):
    """A set is neither on disk nor to be downloaded; `reason` says so without what can be done."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}. To get it, {remedy}")
        self.reason = reason


def refuse_offline() -> None:
    """Raise DownloadError if HPBENCH_OFFLINE forbids downloads."""
    if os.environ.get("HPBENCH_OFFLINE", "0") not in ("", "0"):
        raise DownloadError("HPBENCH_OFFLINE is set")


def first_to_answer(mirrors: Sequence[str], file: str) -> str:
    """The mirror that answers first.

    All are tried at once, in threads that are not joined: behind a firewall that drops packets, each address
    of each mirror would cost TIMEOUT in turn, and name resolution has no timeout at all.
    Raises DownloadError if none answers within TIMEOUT.
    """
    answers: queue.SimpleQueue[tuple[str, str | None]] = queue.SimpleQueue()

    def ask(mirror: str) -> None:
        answers.put((mirror, _why_no_answer(mirror + file)))

    for mirror in mirrors:
        threading.Thread(target=ask, args=(mirror,), daemon=True).start()
    reasons = dict.fromkeys(mirrors, f"no answer within {TIMEOUT:g} s")
    with contextlib.suppress(queue.Empty):
        for _ in mirrors:
            mirror, reason = answers.get(timeout=TIMEOUT)
            if reason is None:
                return mirror
            reasons[mirror] = reason
    raise DownloadError(
        "; ".join(f"{urllib.parse.urlsplit(mirror).netloc}: {reason}" for mirror, reason in reasons.items())
    )


def _why_no_answer(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT):
            return None
    except urllib.error.HTTPError as error:
        return f"HTTP status {error.code}"
    except urllib.error.URLError as error:
        return getattr(error.reason, "strerror", None) or str(error.reason)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__


def once(name: str, cache: Path, get: Callable[[], Got]) -> Got:
    """The result of `get()`, which downloads this set into `cache`; it is not tried again after a failure.

    Raises DownloadError: if HPBENCH_OFFLINE forbids downloads, or with the reason of the failure, also of an
    earlier one in this process.
    """
    refuse_offline()
    if (name, cache) in _failed:
        raise DownloadError(_failed[name, cache])
    try:
        return get()
    except DownloadError as error:
        _failed[name, cache] = str(error)
        raise


@contextlib.contextmanager
def put_together(name: str, cache: Path) -> Iterator[Path]:
    """A context with a temporary folder in `cache` for the files of a set, for one process at a time.

    Errors of the network, the disk or an archive become DownloadErrors; the folder is removed in any case.
    """
    import filelock

    try:
        cache.mkdir(parents=True, exist_ok=True)
        with (
            filelock.FileLock(cache / f".{name}.lock", timeout=_LOCK_TIMEOUT),
            tempfile.TemporaryDirectory(dir=cache, prefix=f".{name}-") as temporary,
        ):
            yield Path(temporary)
    except _FAILURES as error:
        raise DownloadError(" ".join(str(error).split()) or type(error).__name__) from error


@contextlib.contextmanager
def fetching() -> Iterator[None]:
    """A context in which libraries that download time out, and show progress bars on a terminal only.

    Their own connections have no timeout, and their bars go to the standard error, even if that is a file.
    """
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        with contextlib.nullcontext() if sys.stderr.isatty() else contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        socket.setdefaulttimeout(before)

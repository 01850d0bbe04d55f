"""Download of a complete data set through torchvision: all of it or nothing."""

import contextlib
import http.client
import io
import queue
import socket
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from hpbench.core.errors import InputError
from hpbench.data.images import ImageData
from hpbench.data.torchvision_images import TorchvisionSet, find, is_complete

TIMEOUT = 10.0
"""Seconds that a server may stay silent."""

LOCK_TIMEOUT = 600.0
"""Seconds to wait for another process that downloads the same set."""


class DownloadError(Exception):
    """The set could not be downloaded; the message is the reason, fit for a bracket in a sentence."""


def download(entry: TorchvisionSet, cache: Path) -> ImageData:
    """Download the set into `cache`, unless another process did so in the meantime.

    It is put together in a temporary folder beside, its checksums are verified, and it is renamed into
    place: `cache` holds the whole set or nothing of it. Torchvision's progress bars show on a terminal.
    Raises DownloadError with the reason, and InputError if `cache` holds damaged files of the set.
    """
    import filelock
    import torchvision

    base = getattr(torchvision.datasets, entry.class_name)
    mirror = first_to_answer(base.mirrors, base.resources[0][0])
    # A class of the same name, since torchvision names the folder after it.
    dataset = type(entry.class_name, (base,), {"mirrors": [mirror]})
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(cache / f".{entry.class_name}.lock", timeout=LOCK_TIMEOUT):
            found = find(entry, cache)
            if found is not None:
                return found
            with tempfile.TemporaryDirectory(dir=cache, prefix=f".{entry.class_name}-") as temporary:
                with socket_timeout(TIMEOUT), bars_on_terminal_only():
                    dataset(temporary, download=True)
                _move_into_place(entry, Path(temporary), cache)
    except (OSError, RuntimeError, EOFError, http.client.HTTPException, zlib.error) as error:
        raise DownloadError(" ".join(str(error).split()) or type(error).__name__) from error
    found = find(entry, cache)
    if found is None:
        raise DownloadError(f"{entry.folder(cache)} vanished after the download")
    return found


def _move_into_place(entry: TorchvisionSet, temporary: Path, cache: Path) -> None:
    folder = entry.folder(temporary)
    for archive in folder.glob("*.gz"):
        archive.unlink()
    try:
        is_complete(entry, temporary)
    except InputError as error:
        raise DownloadError(f"the server sent something else: {error}") from error
    target = entry.folder(cache)
    target.parent.mkdir(exist_ok=True)
    folder.replace(target)


def first_to_answer(mirrors: Sequence[str], file: str) -> str:
    """The mirror that answers first.

    All are asked at once, in threads that nobody waits for: a firewall that drops packets would else cost
    TIMEOUT for each address of each mirror, and name resolution knows no timeout at all.
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


@contextlib.contextmanager
def socket_timeout(seconds: float) -> Iterator[None]:
    """Torchvision opens connections without a timeout of their own."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def bars_on_terminal_only() -> Iterator[None]:
    """Torchvision's progress bars go to the standard error, even into a log file."""
    if sys.stderr.isatty():
        yield
    else:
        with contextlib.redirect_stderr(io.StringIO()):
            yield

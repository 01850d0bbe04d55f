"""What all downloads have in common: the first mirror to answer, time limits, and errors."""

import contextlib
import http.client
import io
import os
import queue
import socket
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence

from hpbench.core.errors import InputError

TIMEOUT = 10.0
"""Seconds that a server may stay silent."""

LOCK_TIMEOUT = 600.0
"""Seconds to wait for another process that downloads the same set."""


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

"""The log file: tracebacks and library warnings, which the terminal does not show."""

import logging
import tempfile
import warnings
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from hpbench.core.errors import InputError
from hpbench.core.user_folders import user_folder

_NAME = "hpbench.log"


class _LogFile(RotatingFileHandler):
    """A disk that is full ends no command, at closing either."""

    def close(self) -> None:
        with suppress(OSError):
            super().close()


def start_log(*, verbose: bool) -> str:
    """Send warnings and log messages to the log file, and with `verbose` to the terminal too.

    Returns a phrase that says where the log is: its path, or why there is none.
    """
    path = _writable()
    handlers: list[logging.Handler] = [
        _LogFile(path, maxBytes=1_000_000, backupCount=1, delay=True) if path else logging.NullHandler()
    ]
    if verbose:
        handlers.append(logging.StreamHandler())
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        handlers=handlers,
        format="%(asctime)s %(name)s %(levelname)s %(message)s",
        force=True,
    )
    logging.raiseExceptions = False  # a log that cannot be written is no reason for a traceback
    logging.captureWarnings(True)
    warnings.simplefilter("default")
    return str(path) if path else "no log, as no folder for it can be written"


def record_failure() -> str:
    """Log the exception being handled; returns the phrase that says where the log is."""
    where = start_log(verbose=False)
    logging.getLogger("hpbench").exception("the command failed")
    return where


def _writable() -> Path | None:
    """The log file in the user's folder of logs, else in that of temporary files; None if neither works."""
    for folder in (lambda: user_folder("log"), lambda: Path(tempfile.gettempdir())):
        try:
            path = folder() / _NAME
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        except (InputError, OSError):
            continue
        return path
    return None

"""The log file: tracebacks and library warnings, which the terminal does not show."""

import logging
import tempfile
import warnings
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs

_NAME = "hpbench.log"


def start_log(*, verbose: bool) -> Path:
    """Send warnings and log messages to the log file, and with `verbose` to the terminal too."""
    path = _writable()
    handlers: list[logging.Handler] = [
        RotatingFileHandler(path, maxBytes=1_000_000, backupCount=1, delay=True)
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
    return path


def record_failure() -> Path:
    """Log the exception being handled; returns the path of the log."""
    path = start_log(verbose=False)
    logging.getLogger("hpbench").exception("the command failed")
    return path


def _writable() -> Path:
    folder = Path(platformdirs.user_log_dir("hpbench"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _NAME).touch()
    except OSError:
        folder = Path(tempfile.gettempdir())
    return folder / _NAME

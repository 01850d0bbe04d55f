"""Errors that the user can fix."""

import difflib
import re
from collections.abc import Iterable

_LONGEST_WORD = 200


class InputError(Exception):
    """Bad input; its message says what was wrong, what was expected and what to do.

    The command line prints it without a traceback and exits with code 2.
    """


class LoggedError(InputError):
    """Bad input that made other code fail: its traceback is in the log, for whoever wrote that code."""


class RunError(LoggedError):
    """A strategy or scenario raised an error in a run; other runs of a sweep can go on."""


def shown(message: str) -> str:
    """A message as a terminal may show it: very long words cut, control characters written as escapes."""
    cut = re.sub(rf"\S{{{_LONGEST_WORD},}}", lambda word: f"{word[0][: _LONGEST_WORD // 4]}…", message)
    return "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in cut)


def nearest(name: str, names: Iterable[str]) -> str:
    """A phrase that suggests the names closest to `name`, or lists all of them if none is close."""
    known = sorted(names)
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(repr(match) for match in close) + "?"
    return "there are: " + ", ".join(known) if known else "there are none"


FAULTS = (Exception, SystemExit, GeneratorExit)
"""What code of a user's own may raise; only Ctrl-C ends the command."""

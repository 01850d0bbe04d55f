"""Formats of text cells: what each text column may hold.

Rows come from other people's machines, and their texts reach spreadsheets, Markdown pages and terminals.
Every text is therefore bounded in length, is of one printable line, and begins with a letter, a digit or an
underscore: no spreadsheet takes it for a formula.
"""

import datetime
import re
from collections.abc import Callable
from typing import NamedTuple

from hpbench.core.columns import LONGEST_WORD, WORD
from hpbench.core.levels import is_canonical
from hpbench.core.settings import OVERRIDE

CHECKOUTS = ("clean", "changed", "unknown", "none")
"""Allowed values of the column `checkout`."""

LONGEST_MODEL = 200
"""Characters in the model of a processor."""

_LONGEST_OVERRIDES = 4000
_SHOWN = 60


class Format(NamedTuple):
    """A test of a cell's text, and what it expects, in words."""

    fits: Callable[[str], bool]
    expected: str


def text_fault(column: str, text: str) -> str:
    """What is wrong with the text of a cell that is not empty; "" if nothing is."""
    if not text.isprintable():
        return f"{excerpt(text)}: expected one line of printable text"
    chosen = _FORMATS.get(column, _WORD)
    return "" if chosen.fits(text) else f"{excerpt(text)}: expected {chosen.expected}"


def excerpt(text: object) -> str:
    """The value for a message: in quotes if it is a text, and cut if it is long."""
    shown = repr(text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _matching(pattern: str, expected: str, longest: int | None = None) -> Format:
    compiled = re.compile(pattern, re.ASCII)
    return Format(
        lambda text: (longest is None or len(text) <= longest) and compiled.fullmatch(text) is not None,
        expected if longest is None else f"{expected}, at most {longest} characters",
    )


def _hexadecimal(digits: int) -> Format:
    return _matching(rf"[0-9a-f]{{{digits}}}", f"{digits} hexadecimal digits")


def _is_utc(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", text, re.ASCII):
        return False
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _are_overrides(text: str) -> bool:
    words = text.split(" ")
    return (
        len(text) <= _LONGEST_OVERRIDES
        and all(OVERRIDE.fullmatch(word) for word in words)
        and words == sorted(words)
        and len({word.partition("=")[0] for word in words}) == len(words)
    )


_WORD = _matching(WORD.pattern, "a word of letters, digits and _ . + : -", LONGEST_WORD)
_NAME = Format(
    lambda text: text.isidentifier() and len(text) <= LONGEST_WORD,
    f"a name of letters, digits and _ that does not begin with a digit, at most {LONGEST_WORD} characters",
)
_VERSION = _matching(r"\w[\w.+-]*", "a version such as 1 or 2.4.6", LONGEST_WORD)
_MODEL = _matching(
    r"\w(?!.*://)[\w ()@.,/+:;-]*",
    "a processor's model of letters, digits, spaces and ( ) @ . , / + : ; -",
    LONGEST_MODEL,
)

_FORMATS: dict[str, Format] = {
    "run_id": _hexadecimal(16),
    "scenario": _NAME,
    "strategy": _NAME,
    "sources_hash": _hexadecimal(16),
    "dataset_sha256": _hexadecimal(64),
    "episodes_sha256": _hexadecimal(64),
    "commit": _matching(r"[0-9a-f]{7,64}", "7 to 64 hexadecimal digits"),
    "checkout": Format(CHECKOUTS.__contains__, f"one of {', '.join(CHECKOUTS)}"),
    "device": _MODEL,
    "processor": _MODEL,
    **{
        f"{part}_version": _VERSION
        for part in (
            *("scenario", "strategy", "protocol", "hpbench"),
            *("python", "torch", "numpy", "norse", "avalanche"),
        )
    },
    "overrides": Format(
        _are_overrides,
        "settings such as scenario.passes=1 strategy.lr=0.1, sorted, none twice, at most "
        f"{_LONGEST_OVERRIDES} characters",
    ),
    "right_by_episode": _matching(r"\d{1,9}( \d{1,9})*", "whole numbers with a space between them"),
    "curve": _matching(
        r"\d{1,9}:[01]\.\d{4}( \d{1,9}:[01]\.\d{4})*", "words such as 250:0.6639, step and accuracy"
    ),
    "by_level": Format(
        is_canonical,
        "words such as gaussian:0.01:0.812300, disturbance, level and accuracy, each level once and rising",
    ),
    "strongest_attack": _matching(
        r"[\d.e-]{1,9}:\w{1,40}:[01]\.\d{3}( [\d.e-]{1,9}:\w{1,40}:[01]\.\d{3})*",
        "words such as 0.1:sa_pgd:0.412, level, attack and share",
    ),
    "diverged": _matching(
        r"loss in experience \d{1,9}, by sample \d{1,12}|loss in step \d{1,9}|scores at test",
        "'scores at test', or 'loss in …' with the experience and sample or the step",
    ),
    "own_code": _matching(
        r"(strategy|scenario)( [\w.+-]+)+(, scenario( [\w.+-]+)+)?",
        "'strategy' or 'scenario', each with its origin",
        LONGEST_MODEL,
    ),
    "finished": Format(_is_utc, "a time in UTC as in 2026-01-31T12:00:00Z"),
}

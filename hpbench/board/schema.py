"""The schema of a board: ranges, formats and emptiness of its columns, and unique run ids."""

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hpbench.core.columns import Column
from hpbench.protocols.table import protocol_named

DTYPES = {"text": "string", "int": "Int64", "float": "float64", "bool": "boolean"}
"""The pandas dtype of each kind of column."""

CHECKOUTS = ("clean", "changed", "unknown", "none")
"""Allowed values of the column `checkout`."""


@dataclass(frozen=True)
class Fault:
    """A fault of one cell; `row` counts the rows of the table from 0."""

    row: int
    column: str
    text: str


def columns(protocol: str) -> tuple[Column, ...]:
    """The columns of a board of this protocol. Raises InputError if there is no such protocol."""
    return protocol_named(protocol).all_columns


def faults(column: Column, values: Sequence[Any], protocol: str) -> Iterator[Fault]:
    """Faults of the typed values of a column, from top to bottom; None is an empty cell."""
    seen: set[Any] = set()
    for row, value in enumerate(values):
        text = _fault(column, value, protocol)
        if not text and column.name == "run_id" and value in seen:
            text = f"{value!r} is on an earlier line already"
        seen.add(value)
        if text:
            yield Fault(row, column.name, text)


def _fault(column: Column, value: Any, protocol: str) -> str:
    if value is None or value == "":
        return "" if column.may_be_empty else "must not be empty"
    if column.kind == "text":
        return _text_fault(column, value, protocol)
    unit = f" {column.unit}" if column.unit else ""
    if column.low is not None and value < column.low:
        return f"{value}: expected at least {column.low:g}{unit}"
    if column.high is not None and value > column.high:
        return f"{value}: expected at most {column.high:g}{unit}"
    return ""


def _text_fault(column: Column, text: str, protocol: str) -> str:
    if not text.isprintable():
        return f"{text!r}: expected one line of printable text"
    if column.name == "protocol" and text != protocol:
        return f"{text!r}: expected {protocol!r}, as in the first row"
    if column.name in _FORMATS:
        right, expected = _FORMATS[column.name]
        return "" if right(text) else f"{text!r}: expected {expected}"
    return ""


def _is_utc(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", text):
        return False
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _matching(pattern: str, expected: str) -> tuple[Callable[[str], bool], str]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None, expected


def _hexadecimal(digits: int) -> tuple[Callable[[str], bool], str]:
    return _matching(rf"[0-9a-f]{{{digits}}}", f"{digits} hexadecimal digits")


_FORMATS: dict[str, tuple[Callable[[str], bool], str]] = {
    "run_id": _hexadecimal(16),
    "sources_hash": _hexadecimal(16),
    "dataset_sha256": _hexadecimal(64),
    "episodes_sha256": _hexadecimal(64),
    "checkout": (lambda text: text in CHECKOUTS, f"one of {', '.join(CHECKOUTS)}"),
    "right_by_episode": _matching(r"\d+( \d+)*", "whole numbers with a space between them"),
    "by_level": _matching(
        r"\w+:[\d.e+-]+:\d\.\d+( \w+:[\d.e+-]+:\d\.\d+)*", "words such as gaussian:0.01:0.8123"
    ),
    "finished": (_is_utc, "a time in UTC as in 2026-01-31T12:00:00Z"),
}

"""What a board must hold: a pandera schema made from the documented columns."""

import datetime
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from hpbench.core.columns import BY_PROTOCOL, Column, columns_of
from hpbench.core.errors import InputError, nearest

DTYPES = {"text": "string", "int": "Int64", "float": "float64", "bool": "boolean"}
"""The pandas dtype of each kind of column."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell; `row` counts the rows of the table from 0."""

    row: int
    column: str
    text: str


def columns(protocol: str) -> tuple[Column, ...]:
    """The columns of a board of this protocol. Raises InputError if there is no such protocol."""
    if protocol not in BY_PROTOCOL:
        raise InputError(f"unknown protocol {protocol!r}: {nearest(protocol, BY_PROTOCOL)}")
    return columns_of(protocol)


@functools.cache
def schema(protocol: str) -> pa.DataFrameSchema:
    """Dtypes, ranges, emptiness and formats of the columns, their set and order, and unique run ids.

    Raises InputError if there is no such protocol.
    """
    return pa.DataFrameSchema(
        {column.name: _column(column, protocol) for column in columns(protocol)},
        strict=True,
        ordered=True,
    )


def faults(frame: pd.DataFrame, protocol: str) -> list[Fault]:
    """All cells of `frame` that break the schema, from top to bottom.

    The frame has the right columns and dtypes, and a plain index from 0. Raises InputError if there is
    no such protocol.
    """
    try:
        schema(protocol).validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        found = [
            # The failing value comes from the frame: pandera's list turns whole numbers to floats.
            Fault(int(row), str(column), _words(str(check), frame[column].iloc[int(row)]))
            for column, check, row in zip(cases["column"], cases["check"], cases["index"], strict=True)
        ]
        return sorted(found, key=lambda fault: fault.row)
    return []


def _words(check: str, value: object) -> str:
    if check in ("not_nullable", _NOT_EMPTY):
        return "must not be empty"
    shown = repr(value) if isinstance(value, str) else str(value)
    return (
        f"{shown} stands on an earlier line already" if check == "field_uniqueness" else f"{shown}: {check}"
    )


def _column(column: Column, protocol: str) -> pa.Column:
    return pa.Column(
        DTYPES[column.kind],
        _text_checks(column, protocol) if column.kind == "text" else _range_checks(column),
        nullable=column.kind != "text" and column.may_be_empty,
        unique=column.name == "run_id",
        report_duplicates="exclude_first",
    )


def _range_checks(column: Column) -> list[pa.Check]:
    unit = f" {column.unit}" if column.unit else ""
    checks = []
    if column.low is not None:
        checks.append(pa.Check.ge(column.low, error=f"expected at least {column.low:g}{unit}"))
    if column.high is not None:
        checks.append(pa.Check.le(column.high, error=f"expected at most {column.high:g}{unit}"))
    return checks


_NOT_EMPTY = "not empty"


def _text_checks(column: Column, protocol: str) -> list[pa.Check]:
    checks = [_cellwise(str.isprintable, "expected one line of printable text")]
    if not column.may_be_empty:
        checks.append(_cellwise(lambda text: text != "", _NOT_EMPTY))
    if column.name == "protocol":
        checks.append(_cellwise(lambda text: text == protocol, f"expected {protocol!r}, as in the first row"))
    if column.name in _FORMATS:
        right, expected = _FORMATS[column.name]
        # An empty cell is told once, as empty.
        checks.append(_cellwise(lambda text: text == "" or right(text), f"expected {expected}"))
    return checks


def _cellwise(right: Callable[[str], bool], error: str) -> pa.Check:
    return pa.Check(right, element_wise=True, error=error)


def _is_utc(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", text):
        return False
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _hexadecimal(digits: int) -> tuple[Callable[[str], bool], str]:
    pattern = re.compile(rf"[0-9a-f]{{{digits}}}")
    return lambda text: pattern.fullmatch(text) is not None, f"{digits} hexadecimal digits"


_FORMATS: dict[str, tuple[Callable[[str], bool], str]] = {
    "run_id": _hexadecimal(16),
    "settings_hash": _hexadecimal(16),
    "source_hash": _hexadecimal(16),
    "dataset_sha256": _hexadecimal(64),
    "episodes_sha256": _hexadecimal(64),
    "right_by_episode": (
        lambda text: re.fullmatch(r"\d+( \d+)*", text) is not None,
        "whole numbers with a space between them",
    ),
    "finished": (_is_utc, "a time in UTC as in 2026-01-31T12:00:00Z"),
}

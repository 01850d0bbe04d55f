"""The schema of a board: ranges and emptiness of its columns, formats of texts, and unique run ids."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hpbench.board.formats import excerpt, text_fault
from hpbench.core.columns import Column
from hpbench.protocols.table import protocol_named

DTYPES = {"text": "string", "int": "Int64", "float": "float64", "bool": "boolean"}
"""The pandas dtype of each kind of column."""


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
        if column.name == "protocol" and value != protocol:
            return f"{excerpt(value)}: expected {protocol!r}, as in the first row"
        return text_fault(column.name, value)
    unit = f" {column.unit}" if column.unit else ""
    if column.low is not None and value < column.low:
        return f"{value}: expected at least {column.low:g}{unit}"
    if column.high is not None and value > column.high:
        return f"{value}: expected at most {column.high:g}{unit}"
    return ""

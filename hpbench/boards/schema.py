"""The schema of a board: ranges, emptiness and formats of its columns."""

from dataclasses import dataclass
from typing import Any

from hpbench.boards.formats import excerpt, text_fault
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


def fault(column: Column, value: Any, protocol: str) -> str:
    """What is wrong with the typed value of a cell, None if it is empty; "" if nothing is."""
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

"""Cells of a leaderboard file: from a value to text and back, without loss."""

import math
import re
from typing import Any

import numpy as np
import pandas as pd

from hpbench.boards.formats import excerpt
from hpbench.core.columns import Column

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "false": False}


def to_text(column: Column, value: Any) -> str:
    """The text of `value` in the file; None and pandas' NA give an empty cell.

    A float is written in the shortest form that reads back as the same float. Raises ValueError, whose text
    is part of an error message, if the value is not of the column's kind. NaN is an error: a figure that
    does not exist is an empty cell.
    """
    if value is None or value is pd.NA:
        return ""
    if column.kind == "text" and isinstance(value, str):
        return value
    if column.kind == "bool" and isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, bool | np.bool_):
        raise ValueError(_refusal(column, value))
    if column.kind == "int" and isinstance(value, int | np.integer):
        return str(int(value))
    if column.kind == "float" and isinstance(value, int | float | np.integer | np.floating):
        number = float(value)
        if math.isfinite(number):
            return repr(number)
    raise ValueError(_refusal(column, value))


def from_text(column: Column, text: str) -> Any:
    """The value of a cell: str, int, float, bool, or None for an empty cell in a column that is not text.

    Raises ValueError, whose text is part of an error message, if the text is not of the column's kind.
    """
    if column.kind == "text":
        return text
    if text == "":
        return None
    if column.kind == "bool" and text in _BOOLEANS:
        return _BOOLEANS[text]
    if column.kind == "int" and _INTEGER.fullmatch(text) and -(2**63) <= int(text) < 2**63:
        return int(text)
    if column.kind == "float" and _NUMBER.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    raise ValueError(_refusal(column, text))


def same_cell(one: Any, other: Any) -> bool:
    """Whether two cells have the same value; an empty text and None are the same."""
    return bool((None if one == "" else one) == (None if other == "" else other))


def _refusal(column: Column, value: Any) -> str:
    expected = {
        "text": "a text",
        "int": "a whole number",
        "float": "a finite number",
        "bool": "true or false",
    }[column.kind]
    return f"{excerpt(value)} is not {expected}"

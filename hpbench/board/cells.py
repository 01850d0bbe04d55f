"""One cell of a leaderboard file: from a value to text and back, without loss."""

import math
import re
from typing import Any

import numpy as np
import pandas as pd

from hpbench.core.columns import Column

_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "false": False}


def to_text(column: Column, value: Any) -> str:
    """The text of `value` in the file; None and pandas' NA give an empty cell.

    A float is written in the shortest form that reads back as the same float. Raises ValueError, with
    the words for a message, if the value is not of the column's kind. A NaN is refused: an empty cell
    says that a figure does not exist, a NaN that something went wrong.
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
    """The value that `text` stands for: str, int, float, bool, or None for an empty cell of no text.

    Raises ValueError, with the words for a message, if the text is not of the column's kind.
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


def _refusal(column: Column, value: Any) -> str:
    expected = {
        "text": "a text",
        "int": "a whole number",
        "float": "a finite number",
        "bool": "true or false",
    }[column.kind]
    return f"{value!r} is not {expected}"

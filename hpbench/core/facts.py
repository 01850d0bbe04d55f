"""What a network says of itself in a row: its columns, and what they may hold."""

from collections.abc import Mapping
from typing import Any

from hpbench.core.columns import COMMON, LONGEST_WORD, OF_SPIKING, WORD

DESCRIPTIVE = ("network", *OF_SPIKING, "transductive")
"""Columns that describe a network; all others are measured, and no network may fill them."""

_KINDS: dict[str, type] = {"text": str, "int": int, "bool": bool}
_COLUMNS = {column.name: column for column in COMMON}


def checked_facts(described: Any) -> dict[str, Any]:
    """The columns that the method `facts()` of a network or learner gives; `network` is its class by default.

    Raises TypeError for anything but a dictionary of descriptive columns with values that a row can hold.
    """
    name = type(described).__name__
    given = described.facts() if hasattr(described, "facts") else {}
    if not isinstance(given, Mapping):
        raise TypeError(f"facts() of {name} returns {type(given).__name__}: expected a dictionary")
    facts = {"network": name, **given}
    for column, value in facts.items():
        told = _fault(column, value)
        if told:
            raise TypeError(f"facts() of {name}{told}")
    return facts


def _fault(column: str, value: Any) -> str:
    """What is wrong with a value, for the end of a message; empty if nothing is."""
    if column not in DESCRIPTIVE:
        return f" gives {column!r}: a network describes itself by {', '.join(DESCRIPTIVE)} only"
    known = _COLUMNS.get(column)
    kind: Any = _KINDS[known.kind if known else "bool"]
    if value is None:
        return ""
    if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
        return f": {column}={value!r} is no {kind.__name__}"
    if kind is str and not (WORD.fullmatch(value) and len(value) <= LONGEST_WORD):
        expected = f"a word of letters, digits and _ . + : -, at most {LONGEST_WORD} characters"
        return f": {column}={value!r}, expected {expected}"
    if known and known.low is not None and value < known.low:
        return f": {column}={value!r}, expected at least {known.low:g}"
    return ""

"""What a network says of itself in a row: its columns, and what they may hold."""

from collections.abc import Mapping
from typing import Any

from hpbench.core.columns import COMMON, OF_SPIKING

DESCRIPTIVE = ("network", *OF_SPIKING, "transductive")
"""Columns that describe a network; all others are measured, and no network may fill them."""

_LONGEST = 80
_KINDS = {"text": str, "int": int, "bool": bool}


def checked_facts(described: Any) -> dict[str, Any]:
    """The columns that the method `facts()` of a network or learner gives; its class's name if it has none.

    Raises TypeError for anything but a dictionary of descriptive columns with values of their kinds.
    """
    name = type(described).__name__
    if not hasattr(described, "facts"):
        return {"network": name}
    facts = described.facts()
    if not isinstance(facts, Mapping):
        raise TypeError(f"facts() of {name} returns {type(facts).__name__}: expected a dictionary")
    kinds = {column.name: column.kind for column in COMMON}
    for column, value in facts.items():
        if column not in DESCRIPTIVE:
            known = ", ".join(DESCRIPTIVE)
            raise TypeError(f"facts() of {name} gives {column!r}: a network describes itself by {known} only")
        kind = _KINDS[kinds.get(column, "bool")]
        if value is not None and not (isinstance(value, kind) and isinstance(value, bool) == (kind is bool)):
            raise TypeError(f"facts() of {name}: {column}={value!r} is no {kind.__name__}")
        if isinstance(value, str) and not (value.isprintable() and 0 < len(value) <= _LONGEST):
            raise TypeError(f"facts() of {name}: {column}={value!r} is no line of 1 to {_LONGEST} characters")
    return dict(facts)

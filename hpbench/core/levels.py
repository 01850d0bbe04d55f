"""Accuracies by disturbance and level, packed into one cell of a row."""

import math
import re
from collections.abc import Mapping
from itertools import pairwise

ByLevel = Mapping[str, Mapping[float, float]]

_WORD = re.compile(r"[A-Za-z]\w{0,63}:\d[\d.e+-]*:[01]\.\d{6}", re.ASCII)


def as_text(accuracies: ByLevel) -> str:
    """Entries disturbance:level:accuracy, such as gaussian:0.01:0.812300, in the order of the mapping."""
    return " ".join(
        f"{name}:{level:g}:{accuracy:.6f}"
        for name, by_level in accuracies.items()
        for level, accuracy in by_level.items()
    )


def from_text(text: str) -> dict[str, dict[float, float]]:
    """The accuracies in a text that `as_text` wrote; ValueError for a text that cannot be read."""
    found: dict[str, dict[float, float]] = {}
    for word in text.split():
        name, level, accuracy = word.split(":")
        found.setdefault(name, {})[float(level)] = float(accuracy)
    return found


def is_canonical(text: str) -> bool:
    """Whether `as_text` could have written a text: levels finite, from 0 on and rising, accuracies ≤ 1."""
    if not all(map(_WORD.fullmatch, text.split(" "))):
        return False
    try:
        found = from_text(text)
    except ValueError:
        return False
    return as_text(found) == text and all(
        all(map(math.isfinite, levels))
        and all(one < other for one, other in pairwise(levels))
        and all(accuracy <= 1 for accuracy in levels.values())
        for levels in found.values()
    )

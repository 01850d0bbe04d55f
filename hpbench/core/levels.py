"""Accuracies by disturbance and level, packed into one cell of a row."""

from collections.abc import Mapping

ByLevel = Mapping[str, Mapping[float, float]]


def as_text(accuracies: ByLevel) -> str:
    """Entries disturbance:level:accuracy, such as gaussian:0.01:0.812300, in the order of the mapping."""
    return " ".join(
        f"{name}:{level:g}:{accuracy:.6f}"
        for name, by_level in accuracies.items()
        for level, accuracy in by_level.items()
    )


def from_text(text: str) -> dict[str, dict[float, float]]:
    """The accuracies in a text that `as_text` wrote."""
    found: dict[str, dict[float, float]] = {}
    for word in text.split():
        name, level, accuracy = word.split(":")
        found.setdefault(name, {})[float(level)] = float(accuracy)
    return found

"""Input corruptions with graded severity."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hpbench.core.errors import InputError


@dataclass(frozen=True)
class Disturbance:
    """A named change of inputs whose size is a level; level 0 changes nothing.

    `meaning` describes the corruption and its level; `quantity` names the level, with its symbol where it has
    one, and `unit` is its unit, "" for none. `levels` are those tested by default; `high` is the maximum.
    `apply` computes it; its arguments depend on the kind of input (images: `hpbench.disturb.images`; events:
    `hpbench.disturb.events`), and its level is never 0.
    """

    name: str
    meaning: str
    quantity: str
    unit: str
    levels: tuple[float, ...]
    high: float
    apply: Callable[..., Any]
    whole: bool = False
    """Whether levels are whole numbers."""

    @property
    def axis(self) -> str:
        """The level as the label of an axis: quantity and unit."""
        return f"{self.quantity} ({self.unit})" if self.unit else self.quantity

    def at(self, level: float) -> str:
        """A level in words: quantity, value and unit."""
        return f"{self.quantity} {level:g} {self.unit}".rstrip()

    def check(self, level: float) -> None:
        """Raise InputError if the level is out of range, or not a whole number where it must be."""
        if not 0 <= level <= self.high or (self.whole and level % 1):
            unit = f" {self.unit}" if self.unit else ""
            kind = "whole number" if self.whole else "value"
            raise InputError(
                f"level {level:g} of {self.name}: expected a {kind} between 0 and {self.high:g}{unit} "
                f"({self.meaning})"
            )

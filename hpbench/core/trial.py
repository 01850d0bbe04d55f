"""One trial of a search over settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Trial:
    """A trial that has ended: its number from 0, and the values of the searched settings.

    `value`: the mean accuracy over seeds, None if it was given up or failed, for which `reason` says why.
    `accuracies`: those of its seeds, in their order.
    """

    number: int
    point: Mapping[str, Any]
    words: Mapping[str, str]
    value: float | None = None
    reason: str = ""
    accuracies: tuple[float, ...] = ()

"""Recorded figures against those measured now: what moved, and the sentence that says what to do about it."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

DOUBLE, SINGLE = 1e-6, 1e-3
"""How far numbers measured in double or single precision may be apart, as a share of the larger.

Processors round differently, and training makes more of it. Numbers that are 0 but for rounding may be a
thousandth of this apart.
"""

DIGITS = 8
"""Significant digits that are recorded."""


NORMS = "norms"
"""The figures that have the names of weights."""


NOTE = "note"
"""What is recorded beside figures, and no figure."""


class Moved(NamedTuple):
    """A figure that is not what it was: where it stands, its recorded and its present value."""

    place: tuple[str, ...]
    was: Any
    now: Any

    def words(self, version: str) -> str:
        """Such as "loss 0.51331 where version 1 has 0.51217"."""
        name = " ".join(part for part in self.place if part != "row")
        if self.now is _GONE:
            return f"{name} is gone, version {version} has {_shown(self.was)}"
        digits = next((one for one in (5, 6, 7, 8) if _shown(self.was, one) != _shown(self.now, one)), DIGITS)
        return f"{name} {_shown(self.now, digits)} where version {version} has {_shown(self.was, digits)}"


_GONE = object()


def moved(recorded: Any, now: Any, tolerance: float = DOUBLE, place: tuple[str, ...] = ()) -> Iterator[Moved]:
    """Recorded figures that differ now. What is not recorded, such as a new column, is not looked at.

    Counts and texts must be equal, measured numbers within the tolerance. Where names of weights differ,
    their norms are compared in the order of their size: names are no figures.
    """
    if isinstance(recorded, dict) and isinstance(now, dict):
        if place[-1:] == (NORMS,) and set(recorded) != set(now):
            yield from moved(sorted(recorded.values()), sorted(now.values()), tolerance, place)
            return
        for name, one in recorded.items():
            if name not in now:
                yield Moved((*place, name), one, _GONE)
            else:
                yield from moved(one, now[name], tolerance, (*place, name))
    elif isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        for one, other in zip(recorded, now, strict=True):
            yield from moved(one, other, tolerance, place)
    elif not _alike(recorded, now, tolerance):
        yield Moved(place, recorded, now)


def _alike(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance / 1000)
    return bool(one == other)


def rounded(figures: Any) -> Any:
    """Figures as they are recorded."""
    if isinstance(figures, dict):
        return {str(name): rounded(one) for name, one in figures.items()}
    if isinstance(figures, (list, tuple)):
        return [rounded(one) for one in figures]
    return float(f"{figures:.{DIGITS}g}") if isinstance(figures, float) else figures


def _shown(value: Any, digits: int = 5) -> str:
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def sentence(canary: str, found: list[Moved], version: str, source: str) -> str:
    """What moved and what to do; `source` is the file that holds the VERSION."""
    first, *others = found
    more = f" (and {len(others)} more)" if others else ""
    return (
        f"{canary}: {first.words(version)}{more}. If that is meant, raise VERSION in {source} and say in "
        "CHANGELOG.md which settings move; if not, something you changed moves figures."
    )

"""Compares recorded figures with new ones, and formulates what changed and what to do about it."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

DOUBLE, SINGLE = 1e-6, 1e-3
"""Relative tolerances of numbers measured in double and single precision.

Processors round differently, and training amplifies the differences. The absolute tolerance, for numbers
that are 0 except for rounding, is a thousandth of this.
"""

DIGITS = 8
"""Significant digits that are recorded."""


NORMS = "norms"
"""Key of the norms of weights, by parameter name."""


NOTE = "note"
"""Key of a remark that is recorded with the figures."""


class Moved(NamedTuple):
    """A figure that changed: its place in the nested figures, its recorded and its new value."""

    place: tuple[str, ...]
    was: Any
    now: Any

    def words(self, version: str) -> str:
        """A phrase such as "loss 0.51331 where version 1 has 0.51217"."""
        name = " ".join(part for part in self.place if part != "row")
        if self.now is _GONE:
            return f"{name} is gone, version {version} has {_shown(self.was)}"
        digits = next((one for one in (5, 6, 7, 8) if _shown(self.was, one) != _shown(self.now, one)), DIGITS)
        return f"{name} {_shown(self.now, digits)} where version {version} has {_shown(self.was, digits)}"


_GONE = object()


def moved(recorded: Any, now: Any, tolerance: float = DOUBLE, place: tuple[str, ...] = ()) -> Iterator[Moved]:
    """Recorded figures that differ now. Figures that are not recorded, such as a new column, are ignored.

    Counts and texts must be equal, measured numbers within the tolerance. If parameters were renamed, their
    norms are sorted by size and compared.
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
    """Figures rounded to the DIGITS that are recorded."""
    if isinstance(figures, dict):
        return {str(name): rounded(one) for name, one in figures.items()}
    if isinstance(figures, (list, tuple)):
        return [rounded(one) for one in figures]
    return float(f"{figures:.{DIGITS}g}") if isinstance(figures, float) else figures


def _shown(value: Any, digits: int = 5) -> str:
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def sentence(canary: str, found: list[Moved], version: str, source: str) -> str:
    """What changed and what to do; `source` is the file that holds the VERSION."""
    first, *others = found
    more = f" (and {len(others)} more)" if others else ""
    return (
        f"{canary}: {first.words(version)}{more}. If that is meant, raise VERSION in {source} and say in "
        "CHANGELOG.md which settings move; if not, something you changed moves figures."
    )

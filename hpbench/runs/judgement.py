"""Whether a row and a run of the same settings agree, given what rounding and seeds explain.

On the machine that made a row, every figure must be equal. On another one rounding moves figures, and where
training is unstable it moves them as another seed would. A figure that moved is therefore compared with its
standard deviation over the row's seeds, with the new run's figure in place of the row's own.
"""

import math
import statistics
from collections.abc import Collection, Sequence
from typing import NamedTuple

from hpbench.boards.counted import Row
from hpbench.core.levels import from_text
from hpbench.protocols.table import protocol_named

SAME, WITHIN, DIFFERENT = "the same", "within the spread of its seeds", "different"
SAMPLED = "within the sampling error of its test samples, as there are too few seeds for a spread"

_WIDTH = 3.0
"""Difference allowed on another machine, in standard deviations.

Of 82 groups of rows whose settings were run on two processors, two differed by more.
"""

_SEEDS = 2
"""Seeds besides the row's own from which a spread is taken."""

_ROUNDING = 1e-9
"""Difference of accuracies, which are counts over counts, that is rounding."""

_SINGLE = 1e-4
"""Relative difference of other figures that is rounding: they are sums in single precision."""

_ACCURACIES = ("accuracy", "incremental_accuracy", "clean_accuracy", "mean_accuracy", "area_under_curve")
_DIFFERENCES = ("forgetting", "bwt", "fwt", "relative_drop")
_COURSE = ("kept_step", "curve")
"""The course of a training, which is not judged on another machine, unlike what it leads to."""


class Figure(NamedTuple):
    """One or more numbers with a common spread.

    `rounding`: difference that is rounding. `error`: upper bound of the standard deviation over the choice of
    test samples, None if not known. `largest`: whether the largest difference counts, or their root mean
    square.
    """

    values: tuple[float, ...]
    rounding: float
    error: float | None = None
    largest: bool = False

    def apart(self, other: "Figure") -> float:
        """The difference from another row's figure; infinite if the two have different numbers of values."""
        if len(self.values) != len(other.values):
            return math.inf
        differences = [abs(one - two) for one, two in zip(self.values, other.values, strict=True)]
        if self.largest:
            return max(differences)
        return math.sqrt(statistics.fmean(one**2 for one in differences))


class Moved(NamedTuple):
    """By how much a figure moved, and the difference allowed; None if it is not judged."""

    difference: float
    allowed: float | None


def judged(
    row: Row, again: Row, moved: Collection[str], others: Sequence[Row], samples: int | None
) -> tuple[str, dict[str, Moved]]:
    """The verdict on a row made on another machine, and its figures that differ by more than rounding.

    `moved` has the columns that differ, `others` are rows of the same settings and versions with other seeds,
    `samples` is the number of test samples, None if not known.
    """
    there, here = figures(row, moved, samples), figures(again, moved, samples)
    columns = {name.partition(" ")[0] for name in here} | set(_COURSE)
    if there.keys() != here.keys() or not columns.issuperset(moved):
        return DIFFERENT, {}
    seeds = [figures(one, moved, samples) for one in others]
    enough = len(seeds) >= _SEEDS
    found = {}
    for name, new in here.items():
        difference = new.apart(there[name])
        if difference > new.rounding:
            spread = _spread(new, [one[name] for one in seeds if name in one]) if enough else new.error
            found[name] = Moved(difference, None if spread is None else max(_WIDTH * spread, new.rounding))
    if any(one.allowed is not None and one.difference > one.allowed for one in found.values()):
        return DIFFERENT, found
    return (WITHIN if enough else SAMPLED), found


def figures(row: Row, columns: Collection[str], samples: int | None) -> dict[str, Figure]:
    """The figures in some columns of a row by column; those of `by_level` by column and disturbance."""
    protocol = protocol_named(row["protocol"])
    found = {
        column.name: _scalar(column.name, row[column.name], samples)
        for column in protocol.all_columns
        if column.kind == "float" and column.name in columns and row[column.name] is not None
    }
    if "by_level" in columns:
        for name, by_level in from_text(row["by_level"]).items():
            accuracies = tuple(by_level.values())
            error = max(_binomial(one, samples) for one in accuracies) if samples else None
            found[f"by_level {name}"] = Figure(accuracies, _ROUNDING, error, largest=True)
    if "right_by_episode" in columns and protocol.by_item is not None:
        shares = tuple(protocol.by_item(row))
        error = _binomial(statistics.fmean(shares), samples // len(shares)) if samples else None
        found["right_by_episode"] = Figure(shares, _ROUNDING, error)
    return found


def _scalar(name: str, value: float, samples: int | None) -> Figure:
    if name in _ACCURACIES:
        return Figure((value,), _ROUNDING, _binomial(value, samples) if samples else None)
    if name in _DIFFERENCES:
        return Figure((value,), _ROUNDING, samples**-0.5 if samples else None)
    return Figure((value,), _SINGLE * abs(value))


def _binomial(accuracy: float, samples: int) -> float:
    """Standard deviation of an accuracy over the choice of samples; at 0 and 1, as for half a sample."""
    share = min(max(accuracy, 0.5 / samples), 1 - 0.5 / samples)
    return math.sqrt(share * (1 - share) / samples)


def _spread(new: Figure, seeds: Sequence[Figure]) -> float:
    """Standard deviation over the seeds, root mean square over a figure's values.

    The new run counts as one of the seeds. But where the others are all equal, the seed has no influence, and
    the spread is 0.
    """
    if all(one.apart(seeds[0]) <= new.rounding for one in seeds):
        return 0.0
    together = zip(new.values, *(one.values for one in seeds), strict=True)
    return math.sqrt(statistics.fmean(statistics.variance(values) for values in together))

"""Metrics of robustness: from accuracies at rising levels of a disturbance to single figures."""

import math
from collections.abc import Sequence
from itertools import pairwise


def mean_accuracy(accuracies: Sequence[float]) -> float:
    """Mean over the levels."""
    return math.fsum(accuracies) / len(accuracies)


def relative_drop(clean: float, accuracies: Sequence[float]) -> float | None:
    """What the last, largest level takes away, as a share of the clean accuracy; None if that is 0."""
    return (clean - accuracies[-1]) / clean if clean else None


def area_under_curve(levels: Sequence[float], accuracies: Sequence[float]) -> float | None:
    """Area under accuracy over level by the trapezoidal rule, as a share of the span of the levels.

    Levels rise. None for a single level.
    """
    span = levels[-1] - levels[0]
    if span == 0:
        return None
    points = list(zip(levels, accuracies, strict=True))
    return math.fsum((b - a) * (one + other) / 2 for (a, one), (b, other) in pairwise(points)) / span

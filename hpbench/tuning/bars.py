"""What a trial must reach not to be given up, from what earlier trials had reached at the same place.

After a seed it is the median, the rule of Optuna's MedianPruner. Within a run it is the lower quartile, and
nothing after the first of the stages: accuracies early in a stream say less of those at its end.
"""

from collections.abc import Sequence

import numpy as np

NEEDED = 5
"""Trials that must have reached a place before others are given up there."""

_WITHIN, _AFTER_SEED = 0.25, 0.5


def seed_bar(others: Sequence[Sequence[float]], seeds: int) -> float | None:
    """The bar for the mean accuracy of a trial's first seeds; `others` has those of each finished trial."""
    return _bar([float(np.mean(one[:seeds])) for one in others if len(one) >= seeds], _AFTER_SEED)


def stage_bars(others: Sequence[Sequence[float]]) -> list[float | None]:
    """The bars for the stages of a run; `others` has those of finished trials' runs with the same seed."""
    longest = max(map(len, others), default=0)
    reached = [[one[place] for one in others if len(one) > place] for place in range(longest)]
    return [_bar(some, _WITHIN) if place else None for place, some in enumerate(reached)]


def _bar(reached: Sequence[float], share: float) -> float | None:
    return float(np.quantile(reached, share)) if len(reached) >= NEEDED else None

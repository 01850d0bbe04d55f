"""Which differences between strategies are significant: paired over seeds, corrected for their number."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy import special

LEVEL = 0.05
"""Bound on the probability that a whole table has any false "better", if differences are normal."""

METHOD = (
    "paired t-test over shared seeds (differences taken as normal), "
    f"Holm-corrected for the pairs of the table, {100 * LEVEL:g} %"
)
"""How a difference is found significant, in a few words."""

Episodes = Mapping[int, Sequence[float]]
"""From seed to the accuracy in each test episode."""

_ROUNDING = 1e-9
"""Differences of accuracies that spread less than this are equal but for rounding."""


@dataclass(frozen=True)
class Comparison:
    """A strategy and one below it in the ranking, by the seeds that both have.

    `upper` and `lower` are their positions in the ranking, from 0; `seeds` counts the shared seeds.
    `difference` is the mean over these of upper minus lower, as a share; None without shared seeds.
    `spread` is the standard deviation of the differences, `p` the test's, `p_holm` the same corrected for
    the number of tests in the table; None for fewer than two shared seeds. `episode_interval` is the half
    width of the difference's 95 % interval over test episodes, each averaged over the shared seeds; None
    where there are no episodes. It says what other episodes would change, and nothing of other seeds.
    """

    upper: int
    lower: int
    seeds: int
    difference: float | None
    spread: float | None
    p: float | None
    p_holm: float | None
    episode_interval: float | None = None

    @property
    def significant(self) -> bool:
        """Whether `upper` is better; shared seeds that speak against the means over all decide nothing."""
        if self.p_holm is None or self.difference is None:
            return False
        return self.p_holm <= LEVEL and self.difference > 0


class RankRange(NamedTuple):
    """The ranks that a strategy may have, from 1."""

    best: int
    worst: int

    def __str__(self) -> str:
        return str(self.best) if self.best == self.worst else f"{self.best}-{self.worst}"


def compare(
    scores: Sequence[Mapping[int, float]], by_episode: Sequence[Episodes] | None = None
) -> tuple[Comparison, ...]:
    """All pairs of a table, in its order; `scores` are from seed to accuracy, best mean first.

    `by_episode` has the accuracies in each test episode by seed, the same episodes for all. Pairs with fewer
    than two shared seeds are not tested and do not count for the correction.
    """
    pairs = list(combinations(range(len(scores)), 2))
    differences = [_differences(scores[upper], scores[lower]) for upper, lower in pairs]
    tested = [paired_p(one) if len(one) > 1 else None for one in differences]
    corrected = iter(holm([p for p in tested if p is not None]))
    return tuple(
        Comparison(
            upper=upper,
            lower=lower,
            seeds=len(one),
            difference=statistics.fmean(one) if one else None,
            spread=_spread(one) if len(one) > 1 else None,
            p=p,
            p_holm=None if p is None else next(corrected),
            episode_interval=None
            if by_episode is None
            else _episode_interval(by_episode[upper], by_episode[lower]),
        )
        for (upper, lower), one, p in zip(pairs, differences, tested, strict=True)
    )


def paired_p(differences: Sequence[float]) -> float:
    """Two-sided p of the paired t-test, from at least two differences.

    1 if they do not vary: t is not defined then, and a result that no seed moves counts as one, not as n.
    """
    if _spread(differences) == 0:
        return 1.0
    count = len(differences)
    t = statistics.fmean(differences) / (statistics.stdev(differences) / count**0.5)
    return float(2 * special.stdtr(count - 1, -abs(t)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrected so that p ≤ α holds the probability of any false rejection to α (Holm, Scand. J. Stat. 1979).

    The k-th smallest of m is multiplied by m − k + 1, and never less than the one before, nor more than 1.
    """
    corrected = [0.0] * len(p_values)
    least = 0.0
    for rank, position in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[position]))
        corrected[position] = least
    return corrected


def rank_ranges(count: int, comparisons: Sequence[Comparison]) -> tuple[RankRange, ...]:
    """For each of `count` strategies 1 + how many are better, to `count` − how many are worse."""
    clear = [one for one in comparisons if one.significant]
    return tuple(
        RankRange(
            1 + sum(one.lower == position for one in clear),
            count - sum(one.upper == position for one in clear),
        )
        for position in range(count)
    )


def _differences(upper: Mapping[int, float], lower: Mapping[int, float]) -> list[float]:
    return [upper[seed] - lower[seed] for seed in sorted(upper.keys() & lower.keys())]


def _episode_interval(upper: Episodes, lower: Episodes) -> float | None:
    shared = sorted(upper.keys() & lower.keys())
    if not shared:
        return None
    over_seeds = np.mean([np.subtract(upper[seed], lower[seed]) for seed in shared], axis=0)
    return float(1.96 * over_seeds.std(ddof=1) / len(over_seeds) ** 0.5)


def _spread(differences: Sequence[float]) -> float:
    """Their standard deviation; 0 if it is rounding."""
    spread = statistics.stdev(differences)
    return spread if spread > _ROUNDING else 0.0

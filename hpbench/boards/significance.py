"""Significance of differences between strategies: paired over seeds, corrected for multiple tests."""

import math
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

LEVEL = 0.05
"""Family-wise error rate: bound on the probability of any false "better", if differences are normal."""

METHOD = (
    "paired t-test over shared seeds (differences taken as normal), "
    f"Holm-corrected for the pairs of the table, {100 * LEVEL:g} %; a difference that is the same for every "
    "seed is tested over test episodes or test samples (z-test), or, where their counts are not published, "
    "is not testable and ranked by the means"
)
"""The test in a few words."""

Episodes = Mapping[int, Sequence[float]]
"""From seed to the accuracy in each test episode."""

_ROUNDING = 1e-9
"""Differences of accuracies with a standard deviation below this are equal except for rounding."""


@dataclass(frozen=True)
class Comparison:
    """A strategy compared with one below it in the ranking, over the seeds that both have.

    `upper` and `lower` are their positions in the ranking, from 0; `seeds` counts the shared seeds.
    `difference` is the mean over these of upper minus lower, as a fraction; None without shared seeds.
    `spread` is the standard deviation of the differences, `p` the p-value, `p_holm` the p-value corrected for
    the number of tests in the table; None for fewer than two shared seeds. `tested_over` is what the test is
    over: "seeds", or "episodes" or "samples" if the difference is the same for every seed; "" if that is not
    testable, with p None. `episode_interval` is the half
    width of the difference's 95 % interval over test episodes, each averaged over the shared seeds; None
    without episodes. It accounts for the choice of episodes only, not for that of seeds.
    """

    upper: int
    lower: int
    seeds: int
    difference: float | None
    spread: float | None
    p: float | None
    p_holm: float | None
    tested_over: str = ""
    episode_interval: float | None = None

    @property
    def untestable(self) -> bool:
        """Whether the difference is the same for every seed, and nothing else is known to test it over."""
        return self.p is None and self.spread == 0

    @property
    def apart(self) -> bool:
        """Whether `upper` is ranked above `lower`: it is better, or ahead for every seed and untestable."""
        return self.significant or (self.untestable and self.difference is not None and self.difference > 0)

    @property
    def significant(self) -> bool:
        """Whether `upper` is better; False if the shared seeds contradict the order of the means over all."""
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
    scores: Sequence[Mapping[int, float]],
    by_episode: Sequence[Episodes] | None = None,
    variances: Sequence[Mapping[int, float]] | None = None,
) -> tuple[Comparison, ...]:
    """All pairs of a table, in its order; `scores` map seeds to accuracies, best mean first.

    `by_episode` has the accuracies in each test episode by seed, the same episodes for all; `variances` those
    of the accuracies over the choice of test samples by seed, where they are known. Pairs with fewer than two
    shared seeds, and untestable ones, are not tested and do not count in the correction.
    """
    pairs = list(combinations(range(len(scores)), 2))
    differences = [_differences(scores[upper], scores[lower]) for upper, lower in pairs]
    tests = [
        _test(
            one,
            None if by_episode is None else _over_episodes(by_episode[upper], by_episode[lower]),
            None if variances is None else _sampling_variance(variances[upper], variances[lower], shared),
        )
        for (upper, lower), one in zip(pairs, differences, strict=True)
        for shared in [scores[upper].keys() & scores[lower].keys()]
    ]
    tested = [p for p, _ in tests]
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
            tested_over=over,
            episode_interval=None
            if by_episode is None
            else _episode_interval(by_episode[upper], by_episode[lower]),
        )
        for (upper, lower), one, (p, over) in zip(pairs, differences, tests, strict=True)
    )


def _test(
    differences: Sequence[float], over_episodes: NDArray[np.float64] | None, variance: float | None
) -> tuple[float | None, str]:
    """The p-value of the differences over seeds, and what it is over; None and "" if there is no test."""
    if len(differences) < 2:
        return None, ""
    mean = statistics.fmean(differences)
    if _spread(differences) > 0 or abs(mean) < _ROUNDING:
        return paired_p(differences), "seeds"
    if over_episodes is not None and over_episodes.std() > _ROUNDING:
        return normal_p(mean, float(over_episodes.var(ddof=1)) / len(over_episodes)), "episodes"
    return (None, "") if variance is None else (normal_p(mean, variance), "samples")


def normal_p(difference: float, variance: float) -> float:
    """Two-sided p-value of a difference that is normal with this variance around 0."""
    return math.erfc(abs(difference) / math.sqrt(2 * variance))


def paired_p(differences: Sequence[float]) -> float:
    """Two-sided p-value of the paired t-test, from at least two differences.

    1 if they do not vary: t is then undefined.
    """
    if _spread(differences) == 0:
        return 1.0
    count = len(differences)
    t = statistics.fmean(differences) / (statistics.stdev(differences) / count**0.5)
    return float(2 * special.stdtr(count - 1, -abs(t)))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected by Holm's method (Scand. J. Stat. 1979), which bounds the family-wise error rate.

    The k-th smallest of m is multiplied by m − k + 1, is at least the one before, and at most 1.
    """
    corrected = [0.0] * len(p_values)
    least = 0.0
    for rank, position in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[position]))
        corrected[position] = least
    return corrected


def rank_ranges(count: int, comparisons: Sequence[Comparison]) -> tuple[RankRange, ...]:
    """For each strategy the ranks from 1 + (number of better ones) to `count` − (number of worse ones)."""
    clear = [one for one in comparisons if one.apart]
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
    over_seeds = _over_episodes(upper, lower)
    return None if over_seeds is None else float(1.96 * over_seeds.std(ddof=1) / len(over_seeds) ** 0.5)


def _over_episodes(upper: Episodes, lower: Episodes) -> NDArray[np.float64] | None:
    """The difference in each episode, (E,), averaged over the shared seeds; None if there are none."""
    shared = sorted(upper.keys() & lower.keys())
    if not shared:
        return None
    return np.mean([np.subtract(upper[seed], lower[seed]) for seed in shared], axis=0)


def _sampling_variance(
    upper: Mapping[int, float], lower: Mapping[int, float], shared: Collection[int]
) -> float | None:
    """The variance of the difference over the choice of test samples; None if it is not known for every seed.

    The strategies' errors are taken as independent, which is on the safe side: on the same samples they agree
    more often. Other seeds do not lower it, as all are tested on the same samples.
    """
    known = [upper[seed] + lower[seed] for seed in shared if seed in upper and seed in lower]
    return statistics.fmean(known) if known and len(known) == len(shared) else None


def _spread(differences: Sequence[float]) -> float:
    """Their standard deviation; 0 if it is rounding."""
    spread = statistics.stdev(differences)
    return spread if spread > _ROUNDING else 0.0

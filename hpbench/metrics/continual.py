"""Metrics of a stream from its accuracy matrix.

R[i][j] is the accuracy on experience j after learning experience i, b[j] that before any learning, both
(N, N) and (N,) of floats in [0, 1]. Joint training has a single row (1, N). A cell above the diagonal may be
None: not tested. That to its right of the diagonal is needed for the forward transfer.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Row = Sequence[float | None]
Matrix = Sequence[Row]


def _array(r: Matrix) -> NDArray[np.float64]:
    return np.asarray(r, dtype=float)  # None becomes NaN


def average_accuracy(r: Matrix, weights: Sequence[float] | None = None) -> float:
    """ACC: mean of the last row, over experiences.

    With samples per experience as weights, it is the accuracy over all samples: that of the last session in
    few-shot class-incremental learning (Yik et al., NeuroBench, Nat. Commun. 16:1545, 2025).
    """
    return float(np.average(_array(r)[-1], weights=weights))


def incremental_accuracy(r: Matrix, weights: Sequence[float] | None = None) -> float:
    """Mean over i of the (weighted) mean accuracy on experiences up to i; with a single row, its mean."""
    if len(r) == 1:
        return average_accuracy(r, weights)
    shares = np.ones(len(r)) if weights is None else np.asarray(weights)
    rows = enumerate(_array(r))
    return float(np.mean([np.average(row[: i + 1], weights=shares[: i + 1]) for i, row in rows]))


def forgetting(r: Matrix) -> float | None:
    """Mean over j < N−1 of the best earlier accuracy minus the last (Chaudhry et al., ECCV 2018).

    None with a single row: nothing was learned before.
    """
    if len(r) == 1:
        return None
    matrix = _array(r)
    return float(np.mean(np.nanmax(matrix[:-1, :-1], axis=0) - matrix[-1, :-1]))


def backward_transfer(r: Matrix) -> float | None:
    """BWT: mean over j < N−1 of R[N−1][j] − R[j][j] (Lopez-Paz and Ranzato, NeurIPS 2017)."""
    if len(r) == 1:
        return None
    matrix = _array(r)
    return float(np.mean(matrix[-1, :-1] - np.diag(matrix)[:-1]))


def forward_transfer(r: Matrix, before: Row | None) -> float | None:
    """FWT: mean over j ≥ 1 of R[j−1][j] − b[j] (Lopez-Paz and Ranzato, NeurIPS 2017).

    None with a single row or where `before` is None (class regime: it would be minus chance by
    construction).
    """
    if len(r) == 1 or before is None:
        return None
    return float(np.mean(np.diag(_array(r), k=1) - _array([before])[0, 1:]))


def at_chance(r: Matrix, competing: int) -> list[int]:
    """Experiences j whose accuracy just after they were learned, R[j][j], is at or below chance.

    Chance is 1 / `competing`, the number of outputs that a sample's class is chosen from. With a single row,
    all experiences were just learned.
    """
    learned = _array(r)[0] if len(r) == 1 else np.diag(_array(r))
    return [number for number, accuracy in enumerate(learned) if accuracy <= 1 / competing]


def learning_speed(points: Sequence[tuple[int, int, float]], share: float) -> float:
    """Samples until `share` of an experience's final training accuracy is reached, mean over experiences.

    `points` of the learning curve: experience, samples seen so far (of all experiences), accuracy.
    """
    counts = []
    for experience in range(points[-1][0] + 1):
        own = [(samples, accuracy) for number, samples, accuracy in points if number == experience]
        start = max((samples for number, samples, _ in points if number < experience), default=0)
        counts.append(
            samples_until(share, [one - start for one, _ in own], [accuracy for _, accuracy in own])
        )
    return sum(counts) / len(counts)


def samples_until(share: float, samples: Sequence[int], accuracy: Sequence[float]) -> int:
    """Samples of one experience seen until the curve first reaches `share` of its last accuracy."""
    goal = share * accuracy[-1]
    return next(count for count, value in zip(samples, accuracy, strict=True) if value >= goal)

"""Covariance within classes as a running second-order statistic, and class means whitened by it.

    S = Σ_k (x_k − c)(x_k − c)^T,   k over samples, c the mean of k's class
    Σ = (1 − s) S/N + s tr(S)/(N n) I
    I_q(x) = c_q^T Σ⁻¹ x − ½ c_q^T Σ⁻¹ c_q

Each entry of S is local to two features. With Σ in place of the identity the read-out of the nearest mean
becomes linear discriminant analysis (Fisher 1936) with equal priors; s shrinks towards a multiple of the
identity (Ledoit and Wolf 2004; s is given, not estimated). The update is that of Chan, Golub and LeVeque
(1979): exact whatever the batches, and S stays positive semidefinite.
"""

import torch
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.plasticity.class_memory import ClassMemory, one_hot, remember

_COLUMNS = 512
"""Columns per block of the symmetric product, whose blocks above the diagonal are not computed."""


def deviations(memory: ClassMemory, features: Tensor, targets: Tensor) -> Tensor:
    """Rows Z (B + K, n) such that adding the samples (B, n) to `memory` increases S by Z^T Z.

    They are the samples minus their class's mean within the batch, and for each class the difference of that
    mean to the memory's, times √(n_old n_new / (n_old + n_new)).
    """
    members = one_hot(targets, memory)
    nothing = ClassMemory(torch.zeros_like(memory.means), torch.zeros_like(memory.counts))
    fresh = remember(nothing, features, targets)
    both = memory.counts + fresh.counts
    weight = (memory.counts * fresh.counts / both.clamp(min=1e-12)).sqrt()
    between = weight[:, None] * (fresh.means - memory.means)
    return torch.cat([features - members @ fresh.means, between])


def add_gram(scatter: Tensor, rows: Tensor) -> None:
    """Add Z^T Z of rows (B, n) to the lower triangle of `scatter` (n, n), in place.

    Computed in blocks of columns; blocks above the diagonal are left as they are.
    """
    size = len(scatter)
    for first in range(0, size, _COLUMNS):
        last = min(first + _COLUMNS, size)
        scatter[first:last, :last].addmm_(rows[:, first:last].T, rows[:, :last])


def whitened(memory: ClassMemory, scatter: Tensor, shrinkage: float) -> tuple[Tensor, Tensor]:
    """Weights (K, n) and offsets (K,) of the scores I(x) = weights x + offsets.

    `scatter` is S of `memory`'s samples, of which the lower triangle is read; solved in double precision by a
    Cholesky factorisation. Raises InputError if Σ cannot be inverted.
    """
    means = memory.means.double()
    # All samples are equal, or there are none: any multiple of the identity gives the same ranking.
    samples, size = memory.counts.sum().double().clamp(min=1), len(scatter)
    covariance = scatter.double() * ((1 - shrinkage) / samples)
    spread = scatter.diagonal().double().sum() / samples / size
    spread = torch.where(spread > 0, spread, torch.ones_like(spread))
    covariance.diagonal().add_(shrinkage * spread)
    # Only the lower triangle is read.
    factor, failed = torch.linalg.cholesky_ex(covariance)
    if int(failed):
        raise InputError(
            f"the covariance within classes of {size} features cannot be inverted with shrinkage "
            f"{shrinkage}: set a larger one, such as 0.01"
        )
    weights = torch.cholesky_solve(means.T, factor).T
    offsets = -0.5 * (weights * means).sum(1)
    return weights.to(memory.means.dtype), offsets.to(memory.means.dtype)

"""Class scores from the output layer's spikes and membranes over time (Eq. 9).

    scores = Σ_t Z_t q(u(t)),   the loss is C(y, scores)

Wu et al., Nat. Commun. 13:65 (2022), Eq. 9, t = 0 … T−1. A coding is a pair of Z, (T,), and q, (T, B, K):

    rate               Z_t = 1/T          q = s(t)                       share of steps with a spike
    membrane_last      Z_t = [t = T−1]    q = u(t)                       in membrane units
    membrane_mean      Z_t = 1/T          q = u(t)                       in membrane units
    first_spike        Z_t = (T−t)/T      q = s(t) Π_{r<t} (1 − s(r))    1 for a spike at once, 0 for none
    clipped_membrane   Z_t = [t = T−1]    q = min(u(t)/v_th, 1.1)        as in the authors' code

Scores are in [0, 1] (`rate`, `first_spike`), at most 1.1 (`clipped_membrane`) or unbounded. That suits the
squared error to targets 0 and 1; for what it means under cross-entropy, see docs/engine.md.

The spikes s carry their surrogate gradient. In `first_spike` the product, 1 up to the first spike and 0 after
it, is left in the graph: the gradient to s(r) is then exactly the change of the score when a spike at r is
added or removed, so earlier spikes are learned, and a neuron that never spikes still learns. (A detached mask
of the first spike would give neither a gradient.)
"""

from collections.abc import Callable

import torch
from torch import Tensor

from hpbench.core.errors import InputError, nearest

CEILING = 1.1
"""Upper bound of u/v_th in the authors' code: a target of 1 is met at the threshold."""


def read_out(coding: str, spikes: Tensor, membranes: Tensor, threshold: float) -> Tensor:
    """Scores (B, K) from spikes and membranes before their reset, both (T, B, K); v_th in membrane units.

    Raises InputError for an unknown coding, shapes that differ or are not (T, B, K) with T > 0, and a
    threshold that is not above 0.
    """
    if coding not in _CODINGS:
        raise InputError(f"read-out {coding!r}: {nearest(coding, _CODINGS)}")
    if spikes.shape != membranes.shape or spikes.ndim != 3 or not len(spikes):
        raise InputError(
            f"a read-out takes spikes and membranes of one shape (T, B, K) with T > 0, not "
            f"{tuple(spikes.shape)} and {tuple(membranes.shape)}"
        )
    if not threshold > 0:
        raise InputError(f"the threshold of a read-out must be above 0, not {threshold}")
    weight, seen = _CODINGS[coding](spikes, membranes, threshold)
    # Not einsum: autocast would take it as a matrix product and round the scores to bfloat16.
    return (weight[:, None, None] * seen).sum(0)


def _rate(spikes: Tensor, membranes: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    return _mean(spikes), spikes


def _membrane_last(spikes: Tensor, membranes: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    return _last(membranes), membranes


def _membrane_mean(spikes: Tensor, membranes: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    return _mean(membranes), membranes


def _first_spike(spikes: Tensor, membranes: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    silent, firsts = torch.ones_like(spikes[0]), []
    for spike in spikes:
        firsts.append(spike * silent)
        silent = silent * (1 - spike)
    steps = len(spikes)
    return torch.arange(steps, 0, -1, dtype=spikes.dtype, device=spikes.device) / steps, torch.stack(firsts)


def _clipped_membrane(spikes: Tensor, membranes: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    return _last(membranes), (membranes / threshold).clamp(max=CEILING)


def _mean(train: Tensor) -> Tensor:
    return train.new_full((len(train),), 1 / len(train))


def _last(train: Tensor) -> Tensor:
    weight = train.new_zeros(len(train))
    weight[-1] = 1
    return weight


_CODINGS: dict[str, Callable[[Tensor, Tensor, float], tuple[Tensor, Tensor]]] = {
    "rate": _rate,
    "membrane_last": _membrane_last,
    "membrane_mean": _membrane_mean,
    "first_spike": _first_spike,
    "clipped_membrane": _clipped_membrane,
}

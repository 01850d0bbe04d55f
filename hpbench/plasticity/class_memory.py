"""The Hebbian class memory as a streaming update (Eq. 14).

    w_LP = Σ_k η_k y_k x_k^T,   η_k = 1/n of k's class

Wu et al., Nat. Commun. 13:65 (2022), Eq. 14, k over samples, y_k one-hot, x_k the features. Its rows are the
class means: every sample moves the row of its class alone, c ← c + (x − c)/n. Nothing here is detached:
within an episode, gradients reach the features behind the means.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.core.errors import InputError


class ClassMemory(NamedTuple):
    """Class means (K, n), and the number of samples behind each (K,), or their weight if it decays."""

    means: Tensor
    counts: Tensor

    @property
    def seen(self) -> Tensor:
        """Which classes have a mean, (K,) of bool."""
        return self.counts > 0

    def centre(self) -> Tensor:
        """Mean of all samples, (n,); zero before the first."""
        return self.counts @ self.means / self.counts.sum().clamp(min=1e-12)


def empty_memory(classes: int, features: int, dtype: torch.dtype | None = None) -> ClassMemory:
    """A memory without samples: all means are 0; `dtype` defaults to torch's."""
    return ClassMemory(torch.zeros(classes, features, dtype=dtype), torch.zeros(classes, dtype=dtype))


def remember(memory: ClassMemory, features: Tensor, targets: Tensor, decay: float = 1.0) -> ClassMemory:
    """The memory after adding samples (B, n) of classes (B,), in their order.

    With `decay` 1 the means are exact for any batch size. Below 1 every sample multiplies the weight of the
    earlier ones of its class by it; the mean then follows about the last 1/(1 − decay) of them.
    Raises InputError for shapes that do not fit.
    """
    if (
        features.ndim != 2
        or features.shape[1] != memory.means.shape[1]
        or targets.shape != features.shape[:1]
    ):
        raise InputError(
            f"a memory of {memory.means.shape[1]} features takes samples (B, n) and classes (B,), not "
            f"{tuple(features.shape)} and {tuple(targets.shape)}"
        )
    members = one_hot(targets, memory).to(features.dtype)
    arrived = members.sum(0)
    kept = memory.counts
    if decay < 1:
        later = arrived - members.cumsum(0)  # samples of the class that come after this one
        members = members * decay**later
        kept = kept * decay**arrived
    counts = kept + members.sum(0)
    # A difference to the old mean, not a sum over all: rounding does not grow with the count.
    moved = members.T @ features - members.sum(0)[:, None] * memory.means
    return ClassMemory(memory.means + moved / counts.clamp(min=1e-12)[:, None], counts)


def one_hot(targets: Tensor, memory: ClassMemory) -> Tensor:
    """Targets (B,) as (B, K) of 0 and 1, in the memory's type."""
    return torch.nn.functional.one_hot(targets, len(memory.counts)).to(memory.counts.dtype)

"""The class memory as a module: buffers, updates in batches, cached solution."""

from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.plasticity.class_memory import ClassMemory, empty_memory, remember
from hpbench.plasticity.prototypes import local_scores, without_unseen
from hpbench.plasticity.within_class import add_gram, deviations, whitened

MOST_WHITENED = 16_384
"""Maximum number of features for a covariance: 1 GB, and 2 GB more while it is solved."""

_GATHERED = 500
"""Samples collected before the statistics are updated: more are faster, fewer need less memory."""


class Snapshot(NamedTuple):
    """A copy of the statistics."""

    memory: ClassMemory
    scatter: Tensor | None


class PrototypeMemory(torch.nn.Module):
    """Class means (K, n) of features and, for the read-out `lda`, their covariance within classes (n, n).

    The features of up to 500 samples are collected before they are added; any access to the statistics adds
    them first, `state_dict()` too.
    Raises InputError for too many features for a covariance.
    """

    means: Tensor
    counts: Tensor
    scatter: Tensor | None

    def __init__(
        self,
        classes: int,
        features: int,
        read_out: str,
        *,
        centred: bool = False,
        decay: float = 1.0,
        shrinkage: float = 0.0,
    ) -> None:
        super().__init__()
        if read_out == "lda" and features > MOST_WHITENED:
            raise InputError(
                f"the read-out lda needs a covariance of {features:,} x {features:,} features, more than "
                f"{MOST_WHITENED:,}: use fewer, or the read-out nearest"
            )
        self.read_out = read_out
        self.centred = centred
        self.decay = decay
        self.shrinkage = shrinkage
        memory = empty_memory(classes, features)
        self.register_buffer("means", memory.means)
        self.register_buffer("counts", memory.counts)
        self.register_buffer("scatter", torch.zeros(features, features) if read_out == "lda" else None)
        self._waiting: list[tuple[Tensor, Tensor]] = []
        self._solution: tuple[Tensor, Tensor] | None = None
        self.register_state_dict_pre_hook(lambda *_: self.fold())
        self.register_load_state_dict_post_hook(lambda *_: self._forget())

    @property
    def memory(self) -> ClassMemory:
        """The class means, of all samples added."""
        self.fold()
        return ClassMemory(self.means, self.counts)

    @torch.no_grad()
    def add(self, features: Tensor, targets: Tensor) -> None:
        """Add samples (B, n) of classes (B,)."""
        self._waiting.append((features.detach(), targets))
        if sum(len(one) for _, one in self._waiting) >= _GATHERED:
            self.fold()

    @torch.no_grad()
    def fold(self) -> None:
        """Add the collected samples to the statistics."""
        if not self._waiting:
            return
        features, targets = (torch.cat(parts) for parts in zip(*self._waiting, strict=True))
        self._waiting = []
        memory = ClassMemory(self.means, self.counts)
        if self.scatter is not None:
            add_gram(self.scatter, deviations(memory, features, targets))
        self._set(remember(memory, features, targets, self.decay))

    def _forget(self) -> None:
        self._waiting, self._solution = [], None

    def _set(self, memory: ClassMemory) -> None:
        self.means, self.counts = memory
        self._solution = None

    def scores(self, features: Tensor) -> Tensor:
        """I_LP (B, K) of features (B, n); class means get no gradient. All 0 before the first sample."""
        memory = self.memory
        if self.scatter is None:
            means = memory.means
            if self.centred:
                centre = memory.centre()
                features, means = features - centre, means - centre
            return local_scores(self.read_out, features, means, memory.seen)
        weights, offsets = self._solved(memory, self.scatter)
        return without_unseen(torch.addmm(offsets, features, weights.T), memory.seen)

    @torch.no_grad()
    def _solved(self, memory: ClassMemory, scatter: Tensor) -> tuple[Tensor, Tensor]:
        if self._solution is None:
            if memory.counts.any():
                self._solution = whitened(memory, scatter, self.shrinkage)
            else:
                self._solution = memory.means, memory.counts  # zeros
        return self._solution

    def snapshot(self) -> Snapshot:
        """A copy of the statistics."""
        memory = self.memory
        return Snapshot(
            ClassMemory(memory.means.clone(), memory.counts.clone()),
            None if self.scatter is None else self.scatter.clone(),
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Restore a snapshot, which must not be used afterwards."""
        self._waiting = []
        self.scatter = snapshot.scatter
        self._set(snapshot.memory)

    @property
    def per_sample(self) -> dict[str, int]:
        """Multiply-accumulates of reading a sample, and entries of the memory that learning one moves."""
        classes, features = self.means.shape
        covariance = features * (features + 1) // 2 if self.scatter is not None else 0
        return {"read_out_macs": classes * features, "writes": features + covariance}

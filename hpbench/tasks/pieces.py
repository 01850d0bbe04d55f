"""Lazy concatenation and lazy subsets of inputs."""

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor

from hpbench.tasks.continual import Inputs


class Pieces:
    """Several inputs one after another, without a copy. All samples have the same shape."""

    def __init__(self, pieces: Sequence[Inputs]) -> None:
        self.pieces = pieces
        ends = list(accumulate(len(one) for one in pieces))
        self._ends = torch.tensor(ends)
        self._starts = [0, *ends[:-1]]

    def __len__(self) -> int:
        return int(self._ends[-1])

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, …)."""
        return len(self), *self.pieces[0].shape[1:]

    @property
    def device(self) -> torch.device:
        """Where batches are made."""
        return self.pieces[0].device

    def __getitem__(self, rows: Tensor) -> Tensor:
        """Samples (B, …)."""
        rows = rows.cpu()
        owners = torch.searchsorted(self._ends, rows, right=True)
        found = owners.unique().tolist()
        if len(found) == 1:
            return self.pieces[found[0]][rows - self._starts[found[0]]]
        batch = torch.empty(len(rows), *self.shape[1:], device=self.device)
        for owner in found:
            own = owners == owner
            batch[own.to(self.device)] = self.pieces[owner][rows[own] - self._starts[owner]].to(batch.dtype)
        return batch


def together(inputs: Sequence[Inputs]) -> Inputs:
    """The concatenation of these inputs: a tensor if all are tensors, else a lazy one."""
    if len(inputs) == 1:
        return inputs[0]
    tensors = [one for one in inputs if isinstance(one, Tensor)]
    return torch.cat(tensors) if len(tensors) == len(inputs) else Pieces(inputs)


class Chosen:
    """Some rows of inputs, in this order, without a copy."""

    def __init__(self, inputs: Inputs, rows: Tensor) -> None:
        self.inputs, self.rows = inputs, rows

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, …)."""
        return len(self), *self.inputs.shape[1:]

    @property
    def device(self) -> torch.device:
        """Where batches are made."""
        return self.inputs.device

    def __getitem__(self, rows: Tensor) -> Tensor:
        """Samples (B, …)."""
        return self.inputs[self.rows[rows.cpu()]]


def chosen(inputs: Inputs, rows: Tensor) -> Inputs:
    """The rows (indices on the CPU) of inputs: a tensor if `inputs` is one, else a lazy subset."""
    return inputs[rows.to(inputs.device)] if isinstance(inputs, Tensor) else Chosen(inputs, rows)

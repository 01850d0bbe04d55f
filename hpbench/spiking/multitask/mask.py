"""Masks: the weights that a task may use, as the places of a sparse matrix."""

from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(eq=False)
class Mask:
    """K places of a matrix (m, n), row by row.

    `places` (K,) are those in the flattened matrix; `ends` (m + 1,) and `columns` (K,) are the same in
    compressed rows. `turned` is the mask of the transposed matrix, into whose order `order` (K,) brings the
    entries.
    """

    shape: tuple[int, int]
    places: Tensor
    ends: Tensor
    columns: Tensor
    order: Tensor
    turned: "Mask" = field(init=False, repr=False)

    def of(self, matrix: Tensor) -> Tensor:
        """The entries (K,) of a matrix (m, n) at these places."""
        return matrix.flatten().gather(0, self.places)


def mask_of(chosen: Tensor) -> Mask:
    """The mask whose places are those where a matrix (m, n) is true."""
    (high, wide), (rows, columns) = chosen.shape, chosen.nonzero(as_tuple=True)
    order = torch.argsort(columns, stable=True)
    mask = Mask((high, wide), rows * wide + columns, _ends(rows, high), columns, order)
    turned = Mask(
        (wide, high),
        (columns * high + rows)[order],
        _ends(columns, wide),
        rows[order],
        torch.argsort(order),
    )
    mask.turned, turned.turned = turned, mask
    return mask


def draw_masks(shapes: list[tuple[int, int]], share: float, seed: int, device: torch.device) -> list[Mask]:
    """A mask for each of these matrices (m, n): every place is chosen with probability `share`."""
    generator = torch.Generator().manual_seed(seed)
    return [mask_of((torch.rand(shape, generator=generator) < share).to(device)) for shape in shapes]


def _ends(lines: Tensor, count: int) -> Tensor:
    """Where each of `count` lines ends, after a 0; `lines` are those of all entries."""
    return torch.cat([lines.new_zeros(1), torch.bincount(lines, minlength=count).cumsum(0)])

"""Sparse storage of frames: only non-zero cells; batches become dense on the device."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

FrameShape = tuple[int, int, int, int]
"""(T, P, H, W) of one sample."""


class SparseFrames:
    """N samples of (T, P, H, W); the cells of sample n are those from `offsets[n]` to `offsets[n + 1]`.

    `offsets` are (N + 1,), always on the CPU. `cells` are flat indices within a sample, ascending: uint16 if
    the sample is small enough, else int32. `values` are uint8, float16 or float32.
    """

    def __init__(self, offsets: Tensor, cells: Tensor, values: Tensor, frame: FrameShape) -> None:
        self.offsets, self.cells, self.values, self.frame = offsets, cells, values, frame

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, T, P, H, W)."""
        return len(self), *self.frame

    @property
    def device(self) -> torch.device:
        """Device of cells and values, and of the batches."""
        return self.cells.device

    def to(self, device: str | torch.device) -> "SparseFrames":
        """The same frames on another device."""
        return SparseFrames(self.offsets, self.cells.to(device), self.values.to(device), self.frame)

    def __getitem__(self, rows: Tensor) -> Tensor:
        """Samples `rows` (B,) as dense float32 (B, T, P, H, W). Raises IndexError for rows out of range."""
        rows = rows.cpu()
        if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < len(self):
            raise IndexError(f"rows from {int(rows.min())} to {int(rows.max())} of {len(self)} samples")
        size = int(np.prod(self.frame))
        dense = torch.zeros(len(rows) * size, device=self.device, dtype=torch.float32)
        starts, stops = self.offsets[rows], self.offsets[rows + 1]
        # Concatenated slices: an index for every cell would take four times as long.
        spans = [slice(*ends) for ends in zip(starts.tolist(), stops.tolist(), strict=True)]
        if spans:
            places = torch.cat([self.cells[span] for span in spans]).long()
            counts = (stops - starts).to(self.device)
            first = torch.arange(0, len(dense), size, device=self.device)
            places += first.repeat_interleave(counts, output_size=len(places))
            dense.scatter_(0, places, torch.cat([self.values[span] for span in spans]).float())
        return dense.view(-1, *self.frame)


def pack(samples: Iterable[NDArray[Any]], frame: FrameShape) -> SparseFrames:
    """Samples (T, P, H, W), given one by one, as SparseFrames.

    Whole numbers from 0 to 255 are stored as uint8, others as float32; float16 stays. Only whole numbers
    beyond 2^24 are rounded.
    """
    cells, values = [np.zeros(0, np.uint16)], [np.zeros(0, np.uint8)]
    index = np.uint16 if np.prod(frame) <= 1 << 16 else np.int32
    for sample in samples:
        flat = sample.ravel()
        found = np.flatnonzero(flat != 0)
        cells.append(found.astype(index))
        values.append(_smallest(flat[found]))
    offsets = np.cumsum([len(one) for one in cells], dtype=np.int64)
    # All samples are stored in the widest type that any of them needs.
    return SparseFrames(
        torch.from_numpy(offsets),
        torch.from_numpy(np.concatenate(cells)),
        torch.from_numpy(np.concatenate(values)),
        frame,
    )


def _smallest(values: NDArray[Any]) -> NDArray[Any]:
    """Values in the type in which they are stored."""
    if not np.issubdtype(values.dtype, np.integer):
        return values
    small = not len(values) or (values.min() >= 0 and values.max() <= 255)
    return values.astype(np.uint8 if small else np.float32)

"""Sparse frames: an exact round trip, in the smallest type that holds the values."""

import numpy as np
import pytest
import torch

from hpbench.frames.sparse_frames import pack

FRAME = (3, 2, 4, 5)


def samples(dtype: type, number: int = 6, largest: int = 9) -> list[np.ndarray]:
    """Mostly zeros; the second sample has nothing else."""
    random = np.random.RandomState(0)
    found = [
        random.randint(-largest, largest + 1, FRAME) * (random.rand(*FRAME) < 0.2) for _ in range(number)
    ]
    found[1] *= 0
    return [(one / 7 if np.issubdtype(dtype, np.floating) else abs(one)).astype(dtype) for one in found]


@pytest.mark.parametrize(
    ("dtype", "largest", "kept"),
    [
        (np.int16, 255, torch.uint8),
        (np.int16, 256, torch.float32),
        (np.float16, 9, torch.float16),
        (np.float32, 9, torch.float32),
    ],
)
def test_round_trip_is_exact(dtype, largest, kept):
    dense = samples(dtype, largest=largest)
    dense[0].flat[0] = largest
    frames = pack(iter(dense), FRAME)
    assert (frames.shape, len(frames)) == ((6, *FRAME), 6)
    assert (frames.values.dtype, frames.cells.dtype) == (kept, torch.uint16)
    rows = torch.tensor([4, 0, 1, 1, 5])
    batch = frames[rows]
    assert (batch.dtype, batch.shape) == (torch.float32, (5, *FRAME))
    assert np.array_equal(batch.numpy(), np.stack(dense)[rows].astype(np.float32))


def test_cells_beyond_16_bits_are_kept_as_int32():
    frame = (1, 1, 257, 256)
    one = np.zeros(frame, np.int16)
    one.flat[[0, 65_536, -1]] = 1, 2, 3
    frames = pack([one], frame)
    assert frames.cells.dtype == torch.int32
    assert np.array_equal(frames[torch.tensor([0])][0].numpy(), one)


def test_no_rows_no_samples_and_rows_outside():
    frames = pack(samples(np.int16), FRAME)
    assert frames[torch.tensor([], dtype=torch.long)].shape == (0, *FRAME)
    assert pack([], FRAME).shape == (0, *FRAME)
    for row in (-1, 6):
        with pytest.raises(IndexError, match=f"rows from {row} to {row} of 6 samples"):
            frames[torch.tensor([row])]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_batches_are_built_on_the_device():
    frames = pack(samples(np.int16), FRAME)
    there = frames.to("cuda")
    rows = torch.tensor([3, 1, 0])
    assert there.device.type == "cuda"
    for where in (rows, rows.cuda()):
        assert torch.equal(there[where].cpu(), frames[rows])

"""Random numbers of recordings: under a disturbance, also for tonic, which draws from NumPy's; and order."""

import contextlib
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def generator(seed: int, disturbance: str, level: float, sample: int) -> np.random.Generator:
    """The generator of recording number `sample` under a disturbance of this name and level, and no other."""
    return np.random.default_rng(
        [seed, zlib.crc32(disturbance.encode()), *struct.unpack("<2I", struct.pack("<d", level)), sample]
    )


@contextlib.contextmanager
def tonic_draws(random: np.random.Generator) -> Iterator[None]:
    """Seed NumPy's global generator from `random` for a while, and put its state back after it."""
    state = np.random.get_state()
    np.random.seed(random.integers(1 << 32))
    try:
        yield
    finally:
        np.random.set_state(state)


def mixed(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows in a random order, always the same.

    Files lie class by class; who adapts to a batch, or sees the first few samples only, is not to see that.
    """
    return rows[np.random.RandomState(0).permutation(len(rows))]

"""Random numbers of one recording under one disturbance, also for tonic, which draws from NumPy's own."""

import contextlib
import struct
import zlib
from collections.abc import Iterator

import numpy as np


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

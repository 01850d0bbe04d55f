"""Generators seeded by what they are for: noise seed, disturbance and level, and the recording."""

import contextlib
import hashlib
import struct
import zlib
from collections.abc import Iterator

import numpy as np
import torch


def level_generator(noise_seed: int, disturbance: str, level: float) -> np.random.Generator:
    """NumPy's generator for one level of one disturbance."""
    words = hashlib.sha256(f"{noise_seed} {disturbance} {level:g}".encode()).digest()
    return np.random.default_rng(np.frombuffer(words, dtype=np.uint32))


def recording_generator(seed: int, disturbance: str, level: float, sample: int) -> np.random.Generator:
    """The generator of recording number `sample` under a disturbance of this name and level, and no other."""
    return np.random.default_rng(
        [seed, zlib.crc32(disturbance.encode()), *struct.unpack("<2I", struct.pack("<d", level)), sample]
    )


@contextlib.contextmanager
def torch_draws(noise_seed: int, disturbance: str, level: float) -> Iterator[None]:
    """Within this torch draws for one level, spikes of an encoder for one; its state is put back after it."""
    seed = level_generator(noise_seed, f"torch under {disturbance}", level).integers(1 << 63)
    with torch.random.fork_rng():
        torch.manual_seed(int(seed))
        yield


@contextlib.contextmanager
def tonic_draws(random: np.random.Generator) -> Iterator[None]:
    """Seed NumPy's global generator from `random` for a while, and put its state back after it."""
    state = np.random.get_state()
    np.random.seed(random.integers(1 << 32))
    try:
        yield
    finally:
        np.random.set_state(state)

"""Random generators seeded by noise seed, disturbance, level and, for events, recording."""

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
    """NumPy's generator for recording number `sample` with this disturbance and level."""
    return np.random.default_rng(
        [seed, zlib.crc32(disturbance.encode()), *struct.unpack("<2I", struct.pack("<d", level)), sample]
    )


@contextlib.contextmanager
def torch_draws(noise_seed: int, disturbance: str, level: float) -> Iterator[None]:
    """Seed torch for one level (an encoder's spikes) within this context; restore its state afterwards."""
    seed = level_generator(noise_seed, f"torch under {disturbance}", level).integers(1 << 63)
    with torch.random.fork_rng():
        torch.manual_seed(int(seed))
        yield


@contextlib.contextmanager
def tonic_draws(random: np.random.Generator) -> Iterator[None]:
    """Seed NumPy's global generator, which tonic uses, within this context; restore its state afterwards."""
    state = np.random.get_state()
    np.random.seed(random.integers(1 << 32))
    try:
        yield
    finally:
        np.random.set_state(state)

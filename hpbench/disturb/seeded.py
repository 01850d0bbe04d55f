"""Random generators seeded by noise seed, disturbance, level and, for events, recording."""

import hashlib
import struct
import zlib
from contextlib import AbstractContextManager

import numpy as np

from hpbench.core.seeded_draws import seeded_draws


def level_generator(noise_seed: int, disturbance: str, level: float) -> np.random.Generator:
    """NumPy's generator for one level of one disturbance."""
    words = hashlib.sha256(f"{noise_seed} {disturbance} {level:g}".encode()).digest()
    return np.random.default_rng(np.frombuffer(words, dtype=np.uint32))


def recording_generator(seed: int, disturbance: str, level: float, sample: int) -> np.random.Generator:
    """NumPy's generator for recording number `sample` with this disturbance and level."""
    return np.random.default_rng(
        [seed, zlib.crc32(disturbance.encode()), *struct.unpack("<2I", struct.pack("<d", level)), sample]
    )


def torch_draws(noise_seed: int, disturbance: str, level: float) -> AbstractContextManager[None]:
    """A context in which torch's random numbers, as for Poisson spikes, are seeded by these three."""
    seed = level_generator(noise_seed, f"torch under {disturbance}", level).integers(1 << 63)
    return seeded_draws(torch=int(seed))


def tonic_draws(random: np.random.Generator) -> AbstractContextManager[None]:
    """A context in which NumPy's global generator, which tonic uses, is seeded from `random`."""
    return seeded_draws(numpy=int(random.integers(1 << 32)))

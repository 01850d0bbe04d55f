"""Random numbers of a disturbance: the same for every strategy, others for every level."""

import hashlib

import numpy as np


def generator(noise_seed: int, disturbance: str, level: float) -> np.random.Generator:
    """NumPy's generator for one level of one disturbance."""
    words = hashlib.sha256(f"{noise_seed} {disturbance} {level:g}".encode()).digest()
    return np.random.default_rng(np.frombuffer(words, dtype=np.uint32))

"""Random numbers of a disturbance: the same for every strategy, others for every level."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def generator(noise_seed: int, disturbance: str, level: float) -> np.random.Generator:
    """NumPy's generator for one level of one disturbance."""
    words = hashlib.sha256(f"{noise_seed} {disturbance} {level:g}".encode()).digest()
    return np.random.default_rng(np.frombuffer(words, dtype=np.uint32))


@contextmanager
def torch_draws(noise_seed: int, disturbance: str, level: float) -> Iterator[None]:
    """Within this torch draws for one level, spikes of an encoder for one; its state is put back after it."""
    seed = generator(noise_seed, f"torch under {disturbance}", level).integers(1 << 63)
    with torch.random.fork_rng():
        torch.manual_seed(int(seed))
        yield

"""N-MNIST as tonic alone would give it: its data set, its frames, its cache on disk."""

from pathlib import Path
from typing import Any

import numpy as np
from tonic import DiskCachedDataset
from tonic.datasets import NMNIST
from tonic.transforms import ToFrame


def tonic_frames(root: Path, folder: Path, steps: int) -> Any:
    """The training part under `root`, `steps` frames a recording, kept in `folder` once they are made."""
    # The name sets the folder; a part of the set will do.
    partial: Any = type("NMNIST", (NMNIST,), {"_check_exists": lambda self: True})
    frames = ToFrame(sensor_size=NMNIST.sensor_size, n_time_bins=steps)
    return DiskCachedDataset(partial(save_to=str(root), train=True, transform=frames), cache_path=str(folder))


def batch(kept: Any, rows: list[int]) -> np.ndarray:
    """Samples (B, T, P, H, W) as float32."""
    return np.stack([kept[row][0] for row in rows]).astype(np.float32)

"""Spoken digits in the layouts of SHD and N-TIDIGITS18, made up."""

from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

Spikes = list[tuple[NDArray[np.float64], NDArray[np.int64]]]
"""Times in seconds and channels of each recording."""


def spikes(number: int, channels: int, seed: int) -> Spikes:
    """Recordings whose times are not sorted, and can be stored in half precision."""
    random = np.random.RandomState(seed)
    return [
        (random.randint(0, 1000, 30) / 1024, random.randint(0, channels, 30).astype(np.int64))
        for _ in range(number)
    ]


def write_shd(root: Path, train: int = 40, test: int = 20) -> dict[str, Spikes]:
    """Recording n is of class n mod 20."""
    found = {}
    (root / "SHD").mkdir(parents=True)
    for part, number in (("train", train), ("test", test)):
        found[part] = spikes(number, 700, seed=number)
        with h5py.File(root / "SHD" / f"shd_{part}.h5", "w") as file:
            file["labels"] = (np.arange(number) % 20).astype(np.uint16)
            file["extra/keys"] = [str(word).encode() for word in range(20)]
            file["extra/speaker"] = np.zeros(number, np.uint16)
            times = file.create_dataset("spikes/times", number, h5py.vlen_dtype(np.float16))
            units = file.create_dataset("spikes/units", number, h5py.vlen_dtype(np.uint16))
            for row, (when, which) in enumerate(found[part]):
                times[row], units[row] = when, which
    return found


WORDS = "o123456789z"


def write_ntidigits(
    root: Path, each: int = 2
) -> dict[str, dict[str, tuple[NDArray[np.float64], NDArray[np.int64]]]]:
    """Each of the eleven words `each` times in both parts, and one sequence of digits, by their names."""
    found = {}
    path = root / "NTIDIGITS18" / "n-tidigits.hdf5"
    path.parent.mkdir(parents=True)
    with h5py.File(path, "w") as file:
        for seed, part in enumerate(("train", "test")):
            names = [f"man-a{one}-{word}" for one in range(each) for word in WORDS] + ["man-a-12z"]
            found[part] = dict(zip(names, spikes(len(names), 64, seed), strict=True))
            file[f"{part}_labels"] = [name.encode() for name in names]
            for name, (when, which) in found[part].items():
                file[f"{part}_timestamps/{name}"], file[f"{part}_addresses/{name}"] = when, which
    return found

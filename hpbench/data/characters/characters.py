"""Handwritten characters in memory: classes grouped by alphabet, with equally many drawings of each."""

import functools
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically


@dataclass(frozen=True, eq=False)
class Characters:
    """One data set of characters, in a fixed order: by part, then alphabet's name, then character's name.

    `images` is (C, D, S, S) uint8, 0 (paper) to 255 (ink), D drawings of each of C characters; S is 28 in the
    sets here. `alphabets` and `names` are (C,) texts; `background` (C,) bool is true for the part meant for
    training (Omniglot's background set), false for evaluation. The arrays are made read-only, as a process
    shares one copy.
    Raises InputError for other shapes or types.
    """

    name: str
    images: NDArray[np.uint8]
    alphabets: NDArray[np.str_]
    names: NDArray[np.str_]
    background: NDArray[np.bool_]
    source: str
    """Where it came from: one line for the user."""

    def __post_init__(self) -> None:
        shape, classes = self.images.shape, (len(self.images),)
        if len(shape) != 4 or shape[2] != shape[3] or self.images.dtype != np.uint8 or not all(shape):
            found = f"{self.images.dtype} {shape}"
            raise InputError(f"characters {self.name}: images are {found}, expected uint8 (C, D, S, S)")
        for name in ("alphabets", "names", "background"):
            if getattr(self, name).shape != classes:
                found = getattr(self, name).shape
                raise InputError(f"characters {self.name}: {name} are {found}, expected {classes}")
        for array in (self.images, self.alphabets, self.names, self.background):
            array.setflags(write=False)

    @functools.cached_property
    def sha256(self) -> str:
        """SHA-256 of images and labels, whatever files they came from."""
        digest = hashlib.sha256(str(self.images.shape).encode())
        digest.update(self.images.tobytes())
        for alphabet, name, background in zip(self.alphabets, self.names, self.background, strict=True):
            digest.update(f"{alphabet}/{name}/{int(background)}\n".encode())
        return digest.hexdigest()


_ARRAYS = ("images", "alphabets", "names", "background")


def save_characters(data: Characters, path: Path) -> None:
    """Write the set as one compressed file. Raises InputError if that fails; `path` is then unchanged."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        images=data.images,
        alphabets=data.alphabets,
        names=data.names,
        background=data.background,
    )
    write_atomically(path, buffer.getvalue())


def read_characters(path: Path, name: str, sha256: str | None) -> Characters | None:
    """The set that `save_characters` wrote; None if it is missing, damaged, or has another SHA-256."""
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            images, alphabets, names, background = (file[key] for key in _ARRAYS)
        data = Characters(name, images, alphabets, names, background, source=f"{name} in {path}")
    except Exception:  # a damaged header can raise anything in NumPy; the file is made again
        return None
    return data if sha256 in (None, data.sha256) else None

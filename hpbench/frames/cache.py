"""Disk cache of frames: one folder per entry, with the arrays of SparseFrames, memory-mapped on reading."""

import json
import logging
import shutil
import tempfile
import zlib
from pathlib import Path

import numpy as np
import torch

from hpbench.data.places import cache_folder
from hpbench.frames.sparse_frames import FrameShape, SparseFrames

log = logging.getLogger(__name__)

_ARRAYS = ("offsets", "cells", "values")


def entry_of(key: str) -> Path:
    """The folder of a cache entry; it need not exist."""
    return cache_folder() / "event_frames" / key


def read(key: str, frame: FrameShape) -> SparseFrames | None:
    """The entry; None if it is missing, its checksums differ, or its frames have another shape."""
    folder = entry_of(key)
    try:
        stored = json.loads((folder / "entry.json").read_text())
        # Mapped copy-on-write, which torch accepts without a warning; nothing is ever written.
        arrays = [np.load(folder / f"{name}.npy", mmap_mode="c", allow_pickle=False) for name in _ARRAYS]
        sound = stored == _description(arrays, frame)
    except Exception:  # a damaged header can raise anything in NumPy; the entry is made again
        return None
    offsets, cells, values = map(torch.from_numpy, arrays)
    return SparseFrames(offsets, cells, values, frame) if sound else None


def keep(key: str, frames: SparseFrames) -> None:
    """Write the entry atomically; if that fails, a warning is logged and the run goes on."""
    folder = entry_of(key)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{key}-") as temporary:
            made = Path(temporary) / "entry"
            made.mkdir()
            arrays = [getattr(frames, name).numpy() for name in _ARRAYS]
            for name, array in zip(_ARRAYS, arrays, strict=True):
                np.save(made / f"{name}.npy", array)
            (made / "entry.json").write_text(json.dumps(_description(arrays, frames.frame)))
            if folder.exists():  # damaged
                shutil.rmtree(folder)
            made.replace(folder)
    except OSError as error:
        log.warning("Frames could not be cached, they will be made again: %s", error)


def _description(arrays: list[np.ndarray], frame: FrameShape) -> dict[str, object]:
    checksums = [zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data) for array in arrays]
    return {"frame": list(frame), "crc32": checksums}

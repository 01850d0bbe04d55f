"""The state of a trained network on disk, so that what trains alike is trained once."""

import io
import logging
import pickle
import zipfile
from pathlib import Path
from typing import Any

from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically

log = logging.getLogger(__name__)

_DAMAGED = (OSError, EOFError, RuntimeError, ValueError, pickle.UnpicklingError, zipfile.BadZipFile)

_stored_here: set[Path] = set()  # by this process: asked to train anew, a sweep does so once


def state_file(folder: Path, training_key: str, dataset_sha256: str) -> Path:
    """The file in `folder` for all runs that train alike on these data; it need not exist."""
    return folder / f"{training_key}-{dataset_sha256[:16]}.pt"


def store(path: Path, state: dict[str, Any]) -> None:
    """Write tensors and plain values; if that fails, the log says so and the run goes on."""
    import torch

    buffer = io.BytesIO()
    torch.save(state, buffer)
    try:
        write_atomically(path, buffer.getvalue())
    except InputError as error:
        log.warning("What was trained is not stored, the next run will train anew: %s", error)
        return
    _stored_here.add(path)


def stored(path: Path, device: str, *, anew: bool) -> dict[str, Any] | None:
    """What was stored, its tensors on `device`; None if there is nothing or the file is damaged.

    With `anew`, only what this process has stored is read.
    """
    import torch

    if anew and path not in _stored_here:
        return None
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except _DAMAGED:
        return None
    return state if isinstance(state, dict) else None

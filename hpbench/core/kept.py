"""A trained state on disk, so that what differs at test alone needs no new training."""

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

_made_here: set[Path] = set()  # by this process: asked to train anew, a sweep does so once


def keep(path: Path, state: dict[str, Any]) -> None:
    """Write tensors and plain values; if that fails, the log says so and the run goes on."""
    import torch

    buffer = io.BytesIO()
    torch.save(state, buffer)
    try:
        write_atomically(path, buffer.getvalue())
    except InputError as error:
        log.warning("What was trained is not kept, another test will train anew: %s", error)
        return
    _made_here.add(path)


def take(path: Path, device: str, *, anew: bool) -> dict[str, Any] | None:
    """What was kept, its tensors on `device`; None if there is nothing or the file is damaged.

    With `anew`, only what this process has made is taken.
    """
    import torch

    if anew and path not in _made_here:
        return None
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except _DAMAGED:
        return None
    return state if isinstance(state, dict) else None

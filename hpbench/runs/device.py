"""The device of a run's tensors."""

import os

import torch

from hpbench.core.errors import InputError


def find_device(wanted: str) -> str:
    """ "cpu" or "cuda" for the setting `device`. Raises InputError if it is "cuda" and there is no GPU."""
    if wanted == "cpu" or (wanted == "auto" and not torch.cuda.is_available()):
        return "cpu"
    if not torch.cuda.is_available():
        raise InputError("device=cuda: torch sees no GPU here; use device=auto or device=cpu")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it, cuBLAS is not deterministic
    return "cuda"

"""The file of a kept model: its tensors, and what it is, in safetensors' format, which runs no code."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpbench.core.errors import InputError
from hpbench.core.paths import not_a_file

if TYPE_CHECKING:
    from torch import Tensor

NAME = "model.safetensors"
"""The file in the folder of a run."""

FORMAT = 1
"""Version of the description; a file of a later one is refused."""

_KEY = "hpbench"


def model_bytes(described: dict[str, Any], state: dict[str, Any]) -> bytes:
    """The content of the file: tensors, and a description of plain values.

    Raises InputError for a state with anything but tensors.
    """
    import torch
    from safetensors.torch import save

    others = sorted(name for name, one in state.items() if not isinstance(one, torch.Tensor))
    if others:
        raise InputError(
            f"the model's state has more than tensors ({', '.join(others)}), which no model file can hold: "
            "keep such values in buffers"
        )
    # Copies: the format refuses tensors that share memory or are not laid out in order.
    apart = {
        name: one.detach().cpu().clone(memory_format=torch.contiguous_format) for name, one in state.items()
    }
    content: bytes = save(apart, {_KEY: json.dumps({"format": FORMAT, **described}, sort_keys=True)})
    return content


def model_in(folder: Path) -> Path | None:
    """The file in the folder of a run; None if there is none of this run that can be read. Reads its head."""
    from safetensors import SafetensorError, safe_open

    path = folder / NAME
    try:
        with safe_open(path, framework="np") as opened:
            described = json.loads((opened.metadata() or {})[_KEY])
    except (SafetensorError, OSError, ValueError, KeyError):
        return None
    return path if described.get("run_id") == folder.name else None


def read_model(path: Path) -> "tuple[dict[str, Any], dict[str, Tensor]]":
    """The description and the tensors, on the CPU.

    Raises InputError if there is no such file, or if it is damaged, of another program or of a later format.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise InputError(f"cannot read {path}: it is {not_a_file(path)}, expected the {NAME} of a run")
    try:
        with safe_open(path, framework="pt") as opened:
            described = json.loads((opened.metadata() or {})[_KEY])
            state = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118, no mapping
        version = int(described["format"])
    except KeyError as error:
        raise InputError(f"{path} was not written by hpbench: it has no description of a run") from error
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path} is damaged ({reason}): run again with save=model, which writes it anew"
        ) from error
    if version > FORMAT:
        raise InputError(
            f"{path} has format {version}, this version of hpbench reads up to {FORMAT}: install the version "
            f"that wrote it, {described.get('versions', {}).get('hpbench', 'a later one')}"
        )
    return described, state

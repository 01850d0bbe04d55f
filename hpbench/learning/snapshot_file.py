"""The file of a snapshot: a network's tensors at a step of training, and what was measured there."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically

_KEY = "hpbench"


@dataclass(frozen=True)
class Snapshot:
    """A snapshot in a file. `samples` were learned before it, in `step` batches.

    `angles`: in degrees, by the name of a parameter, between the rule's gradient of the batch that followed
    and that of backpropagation; empty where there is none to compare with.
    """

    path: Path
    step: int
    samples: int
    angles: dict[str, float]

    def state(self) -> dict[str, Tensor]:
        """The tensors, named as in `TrainedModel`."""
        from safetensors.torch import load_file

        return load_file(self.path)


def write_snapshot(
    folder: Path, state: dict[str, Tensor], step: int, samples: int, angles: dict[str, float]
) -> None:
    """Write the file. Raises InputError if the folder cannot be written."""
    from safetensors.torch import save

    apart = {name: one.detach().cpu().clone().contiguous() for name, one in state.items()}
    described = {"step": step, "samples": samples, "angles": angles}
    write_atomically(folder / f"{step:07d}.safetensors", save(apart, {_KEY: json.dumps(described)}))


def snapshots_in(folder: Path) -> list[Snapshot]:
    """The snapshots of a run in this folder, by step. Raises InputError for a damaged file."""
    return [_read(path) for path in sorted(folder.glob("*.safetensors"))]


def _read(path: Path) -> Snapshot:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as opened:
            described: dict[str, Any] = json.loads((opened.metadata() or {})[_KEY])
        return Snapshot(path, **described)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path} is no snapshot of a run ({reason}): run again with log=snapshots"
        ) from error

"""What the engine passes to a scenario that builds its task."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Resources:
    """The folder of the data, the device of the tensors, and `say`, which prints a line for the user.

    `training_key` is a hash of all that training depends on except the data: settings, seed, code, machine.
    With `train_anew`, no trained state of an earlier run is loaded. `seed` is the run's seed, for scenarios
    whose part of the data depends on it.
    """

    data_root: Path | None
    device: str
    say: Callable[[str], None]
    training_key: str = ""
    train_anew: bool = False
    seed: int = 0

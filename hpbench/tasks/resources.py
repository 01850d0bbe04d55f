"""What a scenario builds its task with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Resources:
    """What a scenario may use: where data are, where tensors go, and how to tell the user a line.

    `training_key` is a hash of all that training depends on but the data: settings, seed, code, machine;
    `train_anew` asks that nothing be taken from an earlier run; `seed` is the run's, for scenarios that give
    every seed a part of the data of its own.
    """

    data_root: Path | None
    device: str
    say: Callable[[str], None]
    training_key: str = ""
    train_anew: bool = False
    seed: int = 0

"""What a strategy is asked to withstand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hpbench.tasks.continual import ContinualTask, Inputs, Part


@dataclass(frozen=True)
class RobustnessTask:
    """One experience with all classes to learn, and what the tested samples are then put through.

    `tested` are the clean samples; `levels` has the levels, rising, of every disturbance, the default one
    first; `disturbed(name, level)` gives the inputs of `tested` under a disturbance of the data. Names of
    `hpbench.disturb.attacks` are attacks instead, on the clean inputs, with `attack_steps` of PGD and
    `attack_queries` of a black-box attack. Random numbers follow from `noise_seed`, the disturbance and the
    level, so that all strategies see the same. Samples are tested in the order of `tested`; `order` says
    which: that of the data, or by class. `kept` is where the trained state lies or will lie, for all tasks
    that train alike; with `train_anew`, it is not taken from there. `skipped` samples were damaged and left
    out.
    """

    learned: ContinualTask
    tested: Part
    levels: Mapping[str, tuple[float, ...]]
    disturbed: Callable[[str, float], Inputs]
    noise_seed: int
    order: str
    kept: Path
    train_anew: bool = False
    attack_steps: int = 0
    attack_queries: int = 0
    skipped: int = 0

    @property
    def dataset(self) -> str:
        """Name of the data set as found."""
        return self.learned.dataset

    @property
    def dataset_sha256(self) -> str:
        """Fingerprint of its samples."""
        return self.learned.dataset_sha256

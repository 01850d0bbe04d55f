"""The task of the robustness protocol: classes to learn, and disturbances of the test samples."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hpbench.core.errors import InputError
from hpbench.tasks.continual import ContinualTask, Inputs, Part


@dataclass(frozen=True)
class RobustnessTask:
    """One experience with all classes to learn, and disturbances of the test samples.

    `tested` are the clean samples. `levels` has the increasing levels of every disturbance; the disturbance
    that rows are ranked by comes first. The levels of those named in `drifts` are segments of one stream of
    samples, through which what adapts at test goes on; every other level is a stream of its own.
    `disturbed(name, level)` returns the disturbed inputs of `tested`, except for names in
    `hpbench.disturb.attacks`: these are attacks on the clean inputs, with `attack_steps` steps of PGD or
    `attack_queries` queries of a black-box attack. Random numbers depend on `noise_seed`, the disturbance and
    the level only, so that all strategies see the same inputs. `order` names the order of `tested`: that of
    the data, mixed, or by class. `kept` is the file of the trained state, shared by all tasks with the same
    training; with `train_anew`, it is not loaded. `skipped` counts damaged samples that were left out.
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
    drifts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Raise InputError if there is nothing to test: no samples, or no levels."""
        if not len(self.tested.targets):
            raise InputError(f"{self.dataset}: the tested part has no samples")
        if not self.levels or not all(self.levels.values()):
            raise InputError(
                f"{self.dataset}: disturbances need at least one level each, got {dict(self.levels)}"
            )

    @property
    def dataset(self) -> str:
        """Name of the data set as found."""
        return self.learned.dataset

    @property
    def dataset_sha256(self) -> str:
        """SHA-256 of its samples."""
        return self.learned.dataset_sha256

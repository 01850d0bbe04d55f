"""An online stream as a strategy meets it: batches that arrive, and whether it knows where tasks end."""

from collections.abc import Iterator
from typing import Any

from avalanche.benchmarks.scenarios.online import FixedSizeExperienceSplitter

from hpbench.core.errors import InputError
from hpbench.tasks.continual import ContinualTask


def need_boundaries(task: ContinualTask, rule: str, instead: str = "") -> None:
    """Raise InputError if the stream hides its boundaries from a rule that acts on them.

    `instead` is a setting that does without.
    """
    if not task.boundaries:
        raise InputError(
            f"{rule} acts where an experience ends, which this stream does not tell: "
            "set scenario.boundaries=told" + (f" or {instead}" if instead else "")
        )


class Arrivals:
    """An experience as Avalanche's online experiences of `size` samples, in a shuffled order, once."""

    def __init__(self, experience: Any, size: int) -> None:
        self.experience = experience
        self.size = size

    def __len__(self) -> int:
        return -(-len(self.experience.dataset) // self.size)

    def __iter__(self) -> Iterator[Any]:
        # Its seed comes from Python's generator, which a run seeds.
        return iter(FixedSizeExperienceSplitter(self.experience, self.size, access_task_boundaries=False))

"""Online streams: one experience per arriving batch, and rules that need to know where tasks end."""

from collections.abc import Iterator
from typing import Any

from avalanche.benchmarks.scenarios.online import FixedSizeExperienceSplitter

from hpbench.core.errors import InputError
from hpbench.tasks.continual import ContinualTask


def need_boundaries(task: ContinualTask, rule: str, instead: str = "") -> None:
    """Raise InputError if a rule needs task boundaries and the stream hides them.

    `instead` is a setting that needs none.
    """
    if not task.boundaries:
        raise InputError(
            f"{rule} acts where an experience ends, and this stream hides its boundaries: "
            "set scenario.boundaries=told" + (f" or {instead}" if instead else "")
        )


class Arrivals:
    """An experience as Avalanche's online experiences: `size` shuffled samples each, every sample once."""

    def __init__(self, experience: Any, size: int) -> None:
        self.experience = experience
        self.size = size

    def __len__(self) -> int:
        return -(-len(self.experience.dataset) // self.size)

    def __iter__(self) -> Iterator[Any]:
        # Its seed comes from Python's generator, which a run seeds.
        return iter(FixedSizeExperienceSplitter(self.experience, self.size, access_task_boundaries=False))

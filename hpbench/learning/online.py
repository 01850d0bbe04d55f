"""An experience divided into the small batches of an online stream."""

from collections.abc import Iterator
from typing import Any

from avalanche.benchmarks.scenarios.online import FixedSizeExperienceSplitter


class Arrivals:
    """Avalanche online experiences of `size` shuffled samples each; every sample occurs once."""

    def __init__(self, experience: Any, size: int) -> None:
        self.experience = experience
        self.size = size

    def __len__(self) -> int:
        return -(-len(self.experience.dataset) // self.size)

    def __iter__(self) -> Iterator[Any]:
        # Its seed comes from Python's generator, which a run seeds.
        return iter(FixedSizeExperienceSplitter(self.experience, self.size, access_task_boundaries=False))

"""An experience divided into the small batches of an online stream."""

import random
from collections.abc import Iterator
from itertools import islice
from typing import Any

from avalanche.benchmarks.scenarios.online import FixedSizeExperienceSplitter


class Arrivals:
    """Avalanche online experiences of `size` shuffled samples each; every sample occurs once.

    `drawn_by` is the state of Python's generator that the last order was drawn by.
    """

    def __init__(self, experience: Any, size: int) -> None:
        self.experience = experience
        self.size = size

    def __len__(self) -> int:
        return -(-len(self.experience.dataset) // self.size)

    def __iter__(self) -> Iterator[Any]:
        # Its seed comes from Python's generator, which a run seeds.
        self.drawn_by = random.getstate()
        return iter(FixedSizeExperienceSplitter(self.experience, self.size, access_task_boundaries=False))

    def after(self, number: int, drawn_by: Any) -> Iterator[Any]:
        """Those after the first `number` in the order that was drawn by this state of Python's generator."""
        now = random.getstate()
        random.setstate(drawn_by)
        rest = islice(self, number, None)
        random.setstate(now)
        return rest

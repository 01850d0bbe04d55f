"""Performs the runs of a sweep one after another, in this process."""

import gc
from collections.abc import Iterator

from hpbench.runs.perform import Performed
from hpbench.sweeps.executor import Task, Watch

_COLLECTED_EVERY = 10
"""Runs after which cycles of references are collected: Avalanche strategies are such, and hold their data."""


class Serial:
    """One run at a time."""

    slots = 1

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._done: list[tuple[Task, Performed | Exception]] = []
        self._count = 0

    def start(self, task: Task) -> None:
        """Perform the task, to its end."""
        self._count += 1
        if self._count % _COLLECTED_EVERY == 0:
            gc.collect()
        result: Performed | Exception
        try:
            result = task.perform(self._watch.said, lambda progress: self._watch.moved(task.number, progress))
        except Exception as error:
            result = error
        self._done.append((task, result))

    def ended(self, seconds: float) -> Iterator[tuple[Task, Performed | Exception]]:
        """What was started since the last call."""
        while self._done:
            yield self._done.pop(0)

    def close(self) -> None:
        """Nothing goes on between two calls."""

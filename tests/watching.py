"""Watches a sweep or a search for the tests."""

from typing import Any

from hpbench.runs.execute import Record
from hpbench.sweeps.executor import Task


class Quiet:
    """Prints nothing, and keeps the lines that it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def begun(self, task: Task) -> None: ...

    def moved(self, number: int, progress: Any) -> None: ...

    def filed(self, task: Task, record: Record) -> None: ...

    def failed(self, task: Task, error: Exception) -> None: ...

    def said(self, line: str) -> None:
        self.lines.append(line)

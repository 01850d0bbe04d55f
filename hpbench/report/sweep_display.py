"""The progress display of a sweep: a line for each run that goes on, and one for the whole."""

from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


class Standing(Protocol):
    """Interface of the progress that protocols report."""

    @property
    def share(self) -> float:
        """Part of the training that is done, 0 to 1."""

    def words(self, elapsed: float) -> str:
        """The progress as text; `elapsed` is in seconds."""


class SweepDisplay:
    """Shows what goes on, on a terminal only: for each run experience, loss, rate, time left."""

    def __init__(self, console: Console, runs: int, *, quiet: bool) -> None:
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=8),  # the text must fit on 80 columns
            TextColumn("{task.fields[standing]}", markup=False),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._lines: dict[int, TaskID] = {}
        self._runs = runs
        self._whole = self._bars.add_task("all", total=runs, standing="", visible=runs > 1)
        self._bars.start()

    def close(self) -> None:
        """Remove the display."""
        self._bars.stop()

    def begin(self, number: int, title: str) -> None:
        """Add a line for a run."""
        self._lines[number] = self._bars.add_task(title, total=1.0, standing="")

    def move(self, number: int, now: Standing) -> None:
        """Update the line of a run."""
        line = self._lines.get(number)
        if line is not None:
            elapsed = self._bars.tasks[self._bars.task_ids.index(line)].elapsed or 0
            self._bars.update(line, completed=now.share, standing=now.words(elapsed))

    def end(self, number: int) -> None:
        """Remove the line of a run that has one, and count it."""
        line = self._lines.pop(number, None)
        if line is None:
            return
        self._bars.remove_task(line)
        self._bars.advance(self._whole)
        done = self._bars.tasks[self._bars.task_ids.index(self._whole)].completed
        self._bars.update(self._whole, standing=f"{done:g} of {self._runs} runs")

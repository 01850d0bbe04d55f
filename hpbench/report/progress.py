"""The progress display of a run."""

from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


class Standing(Protocol):
    """Interface of the progress that protocols report."""

    @property
    def share(self) -> float:
        """Part of the training that is done, 0 to 1."""

    def words(self, elapsed: float) -> str:
        """The progress as text; `elapsed` is in seconds."""


class RunDisplay:
    """Shows the progress of training, on a terminal only: experience, loss, rate, time left."""

    def __init__(self, console: Console, title: str, *, quiet: bool) -> None:
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=8),  # the text must fit on 80 columns
            TextColumn("{task.fields[standing]}", markup=False),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._task = self._bar.add_task(title, total=1.0, standing="")

    def __enter__(self) -> "RunDisplay":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def update(self, now: Standing) -> None:
        """Update the bar and its text."""
        elapsed = self._bar.tasks[0].elapsed or 0
        self._bar.update(self._task, completed=now.share, standing=now.words(elapsed))

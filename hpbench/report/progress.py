"""One progress display for a run."""

from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


class Standing(Protocol):
    """Where a run stands."""

    @property
    def share(self) -> float:
        """Part of the training that is done, 0 to 1."""

    def words(self, elapsed: float) -> str:
        """The same in words, after so many seconds."""


class RunDisplay:
    """Shows where training stands, on a terminal only: what is learned, loss, rate, time left."""

    def __init__(self, console: Console, title: str, *, quiet: bool) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=8),  # the words must fit on 80 columns
            TextColumn("{task.fields[standing]}"),
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
        """Move the bar and its words to where training stands."""
        elapsed = self._bar.tasks[0].elapsed or 0
        self._bar.update(self._task, completed=now.share, standing=now.words(elapsed))

"""The progress display of a run: a bar on a terminal, a line once a minute elsewhere."""

import threading
import time
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


EVERY_SECONDS = 60.0
"""Seconds between two lines where the output is no terminal."""


class RunDisplay:
    """Shows the progress of training: experience, loss, rate, and on a terminal the time left.

    Where the output goes to a file or a pipe, a line says once a minute where the run stands, also while it
    is tested.
    """

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
        self._console, self._title = console, title
        self._lines = (
            None if quiet or console.is_terminal else threading.Thread(target=self._say, daemon=True)
        )
        self._over = threading.Event()
        self._latest: tuple[Standing, float] | None = None

    def __enter__(self) -> "RunDisplay":
        self._bar.start()
        self._began = time.monotonic()
        if self._lines is not None:
            self._lines.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        self._over.set()
        if self._lines is not None:
            self._lines.join()

    def update(self, now: Standing) -> None:
        """Update the bar and its text."""
        self._latest = now, time.monotonic() - self._began
        elapsed = self._bar.tasks[0].elapsed or 0
        self._bar.update(self._task, completed=now.share, standing=now.words(elapsed))

    def _say(self) -> None:
        """Print a line every EVERY_SECONDS until the end. In a thread: a test at the end reports nothing."""
        while not self._over.wait(EVERY_SECONDS):
            minutes = (time.monotonic() - self._began) / 60
            self._console.print(f"{minutes:.0f} min, {self._title}: {self._standing()}", highlight=False)

    def _standing(self) -> str:
        if self._latest is None:
            return "not training yet"
        now, elapsed = self._latest
        silent = time.monotonic() - self._began - elapsed
        since = f", {silent:.0f} s ago" if silent >= EVERY_SECONDS else ""
        return f"{now.share:.0%}, {now.words(elapsed)}{since}"

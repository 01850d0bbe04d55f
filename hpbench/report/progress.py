"""The progress display of runs: a bar for each on a terminal, a line for each once a minute elsewhere."""

import threading
import time
from types import TracebackType
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


EVERY_SECONDS = 60.0
"""Seconds between two lines where the output is no terminal."""


class RunsDisplay:
    """Shows the runs that go on, each by its number: experience, loss, rate, and on a terminal the time left.

    Of several runs the whole has a bar, too. Where the output goes to a file or a pipe, a line says once a
    minute where each run stands, also while it is tested.
    """

    def __init__(self, console: Console, runs: int = 1, *, quiet: bool = False) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=8),  # the text must fit on 80 columns
            TextColumn("{task.fields[standing]}", markup=False),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._runs, self._done = runs, 0
        self._whole = self._bars.add_task("all", total=runs, standing="", visible=runs > 1)
        self._going: dict[int, _Going] = {}
        self._over = threading.Event()
        lines = not quiet and not console.is_terminal
        self._lines = threading.Thread(target=self._say, daemon=True) if lines else None

    def __enter__(self) -> "RunsDisplay":
        self._bars.start()
        if self._lines is not None:
            self._lines.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()
        self._over.set()
        if self._lines is not None:
            self._lines.join()

    def begin(self, number: int, title: str) -> None:
        """A run begins."""
        self._going[number] = _Going(title, self._bars.add_task(title, total=1.0, standing=""))

    def update(self, number: int, now: Standing) -> None:
        """Where a run stands."""
        going = self._going.get(number)
        if going is not None:
            words = going.moved(now)
            self._bars.update(going.bar, completed=now.share, standing=words)

    def end(self, number: int) -> None:
        """A run has ended, if it had begun."""
        if self.remove(number):
            self._done += 1
            self.whole(self._done, f"{self._done} of {self._runs} runs")

    def remove(self, number: int) -> bool:
        """Show a run no longer; whether it was shown."""
        going = self._going.pop(number, None)
        if going is not None:
            self._bars.remove_task(going.bar)
        return going is not None

    def whole(self, done: int, standing: str) -> None:
        """How far all of it is."""
        self._bars.update(self._whole, completed=done, standing=standing)

    def _say(self) -> None:
        """Print lines every EVERY_SECONDS until the end. In a thread: a test at the end reports nothing."""
        while not self._over.wait(EVERY_SECONDS):
            for going in list(self._going.values()):
                self._console.print(going.line(), highlight=False)


class _Going:
    """A run that goes on: its title, its bar, and where it stands."""

    def __init__(self, title: str, bar: TaskID) -> None:
        self.title, self.bar = title, bar
        self._began = time.monotonic()
        self._latest: tuple[str, float] | None = None

    def moved(self, now: Standing) -> str:
        """Note where it stands; returns that in words."""
        elapsed = time.monotonic() - self._began
        words = now.words(elapsed)
        self._latest = f"{now.share:.0%}, {words}", elapsed
        return words

    def line(self) -> str:
        """A line that says since when it runs, and where it stands or stood."""
        seconds = time.monotonic() - self._began
        if self._latest is None:
            return f"{seconds / 60:.0f} min, {self.title}: not training yet"
        words, then = self._latest
        since = f", {seconds - then:.0f} s ago" if seconds - then >= EVERY_SECONDS else ""
        return f"{seconds / 60:.0f} min, {self.title}: {words}{since}"

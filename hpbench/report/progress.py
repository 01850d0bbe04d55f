"""One progress display for a run."""

from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from hpbench.few_shot.meta_training import Progress as MetaProgress

if TYPE_CHECKING:  # it brings Avalanche, which few-shot runs need not wait for
    from hpbench.continual.watch import Progress as StreamProgress


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

    def update(self, now: "StreamProgress | MetaProgress") -> None:
        """Move the bar and its words to where training stands."""
        elapsed = self._bar.tasks[0].elapsed or 0
        share, words = (
            (now.share, now.words(elapsed)) if isinstance(now, MetaProgress) else _of_stream(now, elapsed)
        )
        self._bar.update(self._task, completed=share, standing=words)


def _of_stream(now: "StreamProgress", elapsed: float) -> tuple[float, str]:
    within = (now.epoch + now.batch / now.batches) / now.epochs
    rate = f"{now.samples / elapsed:,.0f}/s" if elapsed else ""
    words = (
        f"experience {now.experience + 1}/{now.experiences} pass {now.epoch + 1}/{now.epochs} "
        f"batch {now.batch}/{now.batches} loss {now.loss:.4f} {rate}"
    )
    return (now.experience + within) / now.experiences, words

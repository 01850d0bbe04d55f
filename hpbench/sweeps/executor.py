"""The interface of executors, which perform the runs of a sweep, and of what watches them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from hpbench.core.checkpoints import CHECKPOINT_MINUTES
from hpbench.core.run import Run

if TYPE_CHECKING:
    from hpbench.runs.execute import Record
    from hpbench.runs.perform import Performed


@dataclass(frozen=True)
class Task:
    """A run of a sweep to be performed.

    `number`: its place in the sweep, from 1. `known`: ids under which the run need not be performed. With
    `anew`, nothing that was trained earlier is used. `folders`: the folder of the runs' own folders.
    `checkpoint_minutes`: time between two states of the run. `bars`: what it must reach after its stages
    (`hpbench.core.stages`), or it is given up; None: it need not, and its stages are not noted.
    """

    number: int
    run: Run
    known: frozenset[str] = frozenset()
    anew: bool = False
    folders: Path | None = None
    checkpoint_minutes: float = CHECKPOINT_MINUTES
    bars: Sequence[float | None] | None = None

    def perform(self, say: Callable[[str], None], report: Callable[[Any], None]) -> "Performed":
        """Perform the run in this process; raises what `hpbench.runs.perform.perform` raises."""
        from hpbench.runs.perform import perform  # torch

        return perform(
            self.run,
            known=self.known,
            anew=self.anew,
            say=say,
            report=report,
            checkpoint_minutes=self.checkpoint_minutes,
            folders=self.folders,
            bars=self.bars,
        )


class Watch(Protocol):
    """What sees a sweep as it goes on. Its methods may be called from several threads."""

    def begun(self, task: Task) -> None:
        """A run has been given to an executor."""

    def said(self, line: str) -> None:
        """A line for the user, from a run or from the sweep."""

    def moved(self, number: int, progress: Any) -> None:
        """The progress of a run; `progress` has `share` and `words(elapsed)`."""

    def filed(self, task: Task, record: "Record") -> None:
        """A run is on its board."""

    def failed(self, task: Task, error: Exception) -> None:
        """A run has failed."""


class Executor(Protocol):
    """Performs tasks, as many at a time as it has slots."""

    slots: int

    def start(self, task: Task) -> None:
        """Begin to perform a task."""

    def ended(self, seconds: float) -> Iterable[tuple[Task, "Performed | Exception"]]:
        """The tasks that have ended, each with its result; waits this long for the first."""

    def close(self) -> None:
        """End whatever still goes on, within seconds."""

"""Drives a sweep: gives runs to an executor, and writes what comes back to the boards."""

import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hpbench.core.checkpoints import CHECKPOINT_MINUTES
from hpbench.core.errors import InputError, LoggedError
from hpbench.core.files import write_atomically
from hpbench.core.quiet import quiet_libraries
from hpbench.core.run import Run
from hpbench.protocols.table import PROTOCOLS
from hpbench.runs.execute import Record, filed, known_runs
from hpbench.sweeps.executor import Executor, Task, Watch
from hpbench.sweeps.lease import Leases

if TYPE_CHECKING:
    from hpbench.runs.perform import Performed

log = logging.getLogger(__name__)

_LOOK_AGAIN = 1.0
"""Seconds after which runs that other processes are at are looked at again."""

Result = Record | Exception
"""A finished run, or why there is none."""


class Source(Protocol):
    """Where the runs of a sweep come from; it may make them of what earlier ones gave."""

    def next(self) -> Task | None:
        """A run to be performed now, as a task with a number of its own; None if there is none now."""

    def ended(self, task: Task, result: Result) -> None:
        """What a run has given."""

    def over(self) -> bool:
        """Whether there will be no more. Asked when all runs so far have ended."""


def drive(
    runs: Sequence[Run],
    out: Path,
    executor: Executor,
    watch: Watch,
    *,
    force: bool,
    checkpoint_minutes: float = CHECKPOINT_MINUTES,
) -> list[Result]:
    """Execute all runs and file their rows in `out`; returns a result for each, in their order.

    A run that fails does not keep the others from running.
    """
    listed = _Listed(runs)
    drive_source(listed, out, executor, watch, force=force, checkpoint_minutes=checkpoint_minutes)
    return [listed.results[number] for number in range(1, len(runs) + 1)]


class _Listed:
    """Runs that are known from the beginning."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.results: dict[int, Result] = {}
        self._rest = iter([Task(number, run) for number, run in enumerate(runs, 1)])

    def next(self) -> Task | None:
        return next(self._rest, None)

    def ended(self, task: Task, result: Result) -> None:
        self.results[task.number] = result

    def over(self) -> bool:
        return True


@quiet_libraries()
def drive_source(
    source: Source,
    out: Path,
    executor: Executor,
    watch: Watch,
    *,
    force: bool,
    checkpoint_minutes: float = CHECKPOINT_MINUTES,
) -> None:
    """Execute the runs that `source` gives, and file their rows in `out`, until there are no more.

    A run that another process with the same folder is at waits until that process has done it, or has died.
    This process alone writes the rows of the sweep. The executor is closed at the end, whatever happens.
    """
    taken: deque[Task] = deque()  # tasks that other processes are at
    active = 0
    leases = Leases(out)
    try:
        while True:
            tried = 0  # tasks at the end of `taken` that have just been tried
            while active < executor.slots:
                task = source.next()
                if task is None and tried < len(taken):
                    task = taken.popleft()
                if task is None:
                    break
                task = replace(task, anew=force, folders=out / "runs", checkpoint_minutes=checkpoint_minutes)
                try:
                    if not leases.take(task.run):
                        taken.append(task)
                        tried += 1
                        continue
                    task = replace(task, known=known_runs(task.run, out, force=force))
                except InputError as error:  # the board is damaged, or no lease can be had
                    source.ended(task, _failed(task, error, watch))
                    continue
                watch.begun(task)
                executor.start(task)
                active += 1
                tried = 0
            if not active:
                if not taken and source.over():
                    return
                watch.said("Another process is at the runs that are left: waiting for it …")
                time.sleep(_LOOK_AGAIN)
            for task, result in executor.ended(_LOOK_AGAIN):
                active -= 1
                found = _ended(task, result, out, watch)
                leases.give_back(task.run)
                source.ended(task, found)
    finally:
        executor.close()
        leases.give_back_all()


def _ended(task: Task, result: "Performed | Exception", out: Path, watch: Watch) -> Result:
    """File what an executor gave back, then draw it."""
    if isinstance(result, Exception):
        return _failed(task, result, watch)
    try:
        record = filed(task.run, result, out, task.anew, watch.said)
        watch.filed(task, record)
        if record.fresh:
            _draw(record)
    except InputError as error:
        return _failed(task, error, watch)
    return record


def _draw(record: Record) -> None:
    """Write the picture. Raises LoggedError, which says that the row is safe, if that fails."""
    try:
        picture = PROTOCOLS[record.row["protocol"]].part("picture")(record)
        write_atomically(record.folder / "picture.png", picture)
    except Exception as error:
        log.exception("the picture of %s", record.row["run_id"])
        raise LoggedError(
            f"the picture of run {record.row['run_id']} is missing ({type(error).__name__}: {error}); its "
            f"row is safe in {record.board}, its record in {record.folder}"
        ) from error


def _failed(task: Task, error: Exception, watch: Watch) -> Exception:
    watch.failed(task, error)
    return error

"""Drives a sweep: gives runs to an executor, and writes what comes back to the boards."""

import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

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


@quiet_libraries()
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

    A run that fails does not keep the others from running. A run that another process with the same folder
    is at waits until that process has done it, or has died. This process alone writes the rows of the sweep.
    The executor is closed at the end, whatever happens.
    """
    results: dict[int, Result] = {}
    waiting = deque((number, run) for number, run in enumerate(runs, 1))
    active = 0
    leases = Leases(out)
    try:
        while waiting or active:
            busy = 0
            while waiting and active < executor.slots and busy < len(waiting):
                number, run = waiting.popleft()
                task = Task(number, run, frozenset(), force, out / "runs", checkpoint_minutes)
                try:
                    if not leases.take(run):
                        waiting.append((number, run))
                        busy += 1
                        continue
                    task = replace(task, known=known_runs(run, out, force=force))
                except InputError as error:  # the board is damaged, or no lease can be had
                    results[number] = _failed(task, error, watch)
                    continue
                watch.begun(task)
                executor.start(task)
                active += 1
                busy = 0
            if busy and not active:
                watch.said("Another process is at the runs that are left: waiting for it …")
                time.sleep(_LOOK_AGAIN)
            for task, result in executor.ended(_LOOK_AGAIN):
                active -= 1
                results[task.number] = _ended(task, result, out, watch)
                leases.give_back(task.run)
    finally:
        executor.close()
        leases.give_back_all()
    return [results[number] for number in range(1, len(runs) + 1)]


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

"""Executes the runs of a command and prints progress and results of each."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from hpbench import registry
from hpbench.cli.terminal import once
from hpbench.core.errors import InputError
from hpbench.core.run import Run
from hpbench.plan.command import CommandSettings
from hpbench.report.progress import RunsDisplay
from hpbench.report.summary import print_summary
from hpbench.runs.execute import Record
from hpbench.sweeps.driver import Result, drive
from hpbench.sweeps.executor import Task
from hpbench.sweeps.executors import executor_for
from hpbench.sweeps.folder import prepare_folder

log = logging.getLogger(__name__)


def run_all(
    runs: Sequence[Run],
    out: Path,
    settings: CommandSettings,
    console: Console,
    *,
    force: bool,
    quiet: bool,
    brief: bool = False,
) -> list[Result]:
    """Execute the runs; returns a result for each: a failure does not keep the others from running.

    If it is to be `brief`, no more than a line is printed of each.

    Raises InputError, before anything starts, for an executor or a GPU that is not there, and for a folder
    that could not be written.
    """
    prepare_folder(out, (one.scenario for one in runs))
    with RunsDisplay(console, len(runs), quiet=quiet) as display:
        watch = Shown(console, len(runs), display, brief=brief)
        executor = executor_for(settings, runs, watch)
        minutes = settings.checkpoint_minutes
        return drive(runs, out, executor, watch, force=force, checkpoint_minutes=minutes)


class Shown:
    """What a user sees of a sweep."""

    def __init__(self, console: Console, runs: int, display: RunsDisplay, *, brief: bool) -> None:
        self.console, self.runs, self.display, self.brief = console, runs, display, brief
        self.said = once(console.print)

    def begun(self, task: Task) -> None:
        """A line of progress for it."""
        self.display.begin(task.number, task.run.strategy)

    def moved(self, number: int, progress: Any) -> None:
        """The line as it is now."""
        self.display.update(number, progress)

    def filed(self, task: Task, record: Record) -> None:
        """Its results, and where they are."""
        self.display.end(task.number)
        if self.brief:
            known = "" if record.fresh else " (was there)"
            line = f"{self._title(task)}: {record.row['accuracy']:.2%}{known}"
            self.console.print(line, highlight=False)
            return
        self.console.print(self._title(task), highlight=False)
        strategy = registry.find("strategies", task.run.strategy)
        published = registry.published(strategy, [registry.find("scenarios", task.run.scenario)])
        print_summary(self.console, record.row, record.details, published, registry.next_steps(strategy))
        where = f"Row {record.row['run_id']} in {record.board}"
        if record.fresh:
            where += f"; record and picture in {record.folder}"
        else:
            where += f", there since {record.row['finished']}: skipped (repeat it with --force)"
        if record.model is not None:
            where += f"; model in {record.model}"
        if record.log is not None:
            tensorboard = record.run.log == "tensorboard"
            where += f"; tensorboard --logdir {record.log}" if tensorboard else f"; snapshots in {record.log}"
        self.console.print(where)

    def failed(self, task: Task, error: Exception) -> None:
        """That it failed; one that is a mistake of ours goes to the log."""
        self.display.end(task.number)
        if not isinstance(error, InputError):
            log.error("%s", task.run, exc_info=error)
        if self.runs > 1:
            self.console.print(f"{self._title(task)}\nfailed: {error}", highlight=False)

    def _title(self, task: Task) -> str:
        return f"[{task.number}/{self.runs}] {task.run}" if self.runs > 1 else str(task.run)

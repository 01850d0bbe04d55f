"""Executes the runs of a command one after another and prints progress and results of each."""

import gc
import logging
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from hpbench import registry
from hpbench.cli.terminal import once
from hpbench.core.errors import InputError, LoggedError
from hpbench.core.files import write_atomically
from hpbench.core.run import Run
from hpbench.protocols.table import PROTOCOLS
from hpbench.report.progress import RunDisplay
from hpbench.report.summary import print_summary
from hpbench.runs.execute import Record, execute, find_device

log = logging.getLogger(__name__)

_COLLECTED_EVERY = 10
"""Runs after which cycles of references are collected: Avalanche strategies are such, and hold their data."""


def run_all(
    runs: Sequence[Run], folder: Path, console: Console, *, force: bool, quiet: bool
) -> list[InputError]:
    """Execute the runs; returns the reasons of those that failed, which do not keep the others from running.

    Raises InputError, before anything starts, for a GPU that is not there.
    """
    for device in {run.device for run in runs}:
        find_device(device)
    failures: list[InputError] = []
    say = once(console.print)
    for number, run in enumerate(runs, 1):
        if number % _COLLECTED_EVERY == 0:
            gc.collect()
        title = f"[{number}/{len(runs)}] {run}" if len(runs) > 1 else str(run)
        console.print(title, highlight=False)
        try:
            with RunDisplay(console, run.strategy, quiet=quiet) as display:
                record = execute(run, folder, force=force, say=say, report=display.update)
            _print(console, record)
            if record.fresh:
                _draw(record)
        except InputError as error:
            failures.append(error)
            if len(runs) > 1:
                console.print(f"failed: {error}")
    return failures


def _print(console: Console, record: Record) -> None:
    """The results of a run, and where they are."""
    run = record.run
    strategy = registry.find("strategies", run.strategy)
    published = registry.published(strategy, [registry.find("scenarios", run.scenario)])
    print_summary(console, record.row, record.details, published, registry.next_steps(strategy))
    where = f"Row {record.row['run_id']} in {record.board}"
    if record.fresh:
        where += f"; record and picture in {record.folder}"
    else:
        where += f", there since {record.row['finished']}: skipped (repeat it with --force)"
    if record.model is not None:
        where += f"; model in {record.model}"
    if record.log is not None:
        where += f"; tensorboard --logdir {record.log}"
    console.print(where)


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

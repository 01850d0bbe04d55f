"""Executes the runs of a command one after another and prints progress and results of each."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from hpbench import registry
from hpbench.cli.terminal import once
from hpbench.core.files import write_atomically
from hpbench.core.run import Run
from hpbench.protocols.table import PROTOCOLS
from hpbench.report.progress import RunDisplay
from hpbench.report.summary import print_summary
from hpbench.runs.execute import RunError, execute, find_device


def run_all(
    runs: Sequence[Run], folder: Path, console: Console, *, force: bool, quiet: bool
) -> list[RunError]:
    """Execute the runs; returns the failures of strategies and scenarios. Other errors end the sweep."""
    for device in {run.device for run in runs}:
        find_device(device)  # raises InputError for a missing GPU before anything starts
    failures = []
    say = once(lambda line: console.print(line, markup=False))
    for number, run in enumerate(runs, 1):
        title = f"[{number}/{len(runs)}] {run}" if len(runs) > 1 else str(run)
        console.print(title, markup=False, highlight=False)
        try:
            with RunDisplay(console, run.strategy, quiet=quiet) as display:
                record = execute(run, folder, force=force, say=say, report=display.update)
        except RunError as error:
            failures.append(error)
            console.print(f"failed: {error}", markup=False)
            continue
        strategy = registry.find("strategies", run.strategy)
        published = registry.published(strategy, [registry.find("scenarios", run.scenario)])
        print_summary(console, record.row, record.details, published, registry.next_steps(strategy))
        where = f"Row {record.row['run_id']} in {record.board}"
        if record.fresh:
            draw = PROTOCOLS[record.row["protocol"]].part("picture")
            write_atomically(record.folder / "picture.png", draw(record))
            where += f"; record and picture in {record.folder}"
        else:
            where += f", there since {record.row['finished']}: skipped (repeat it with --force)"
        console.print(where, markup=False)
    return failures

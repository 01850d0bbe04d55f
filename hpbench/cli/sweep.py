"""The runs of a command one after another, with what the user sees of each."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from hpbench import registry
from hpbench.board.ranking import Group, groups
from hpbench.board.table import read
from hpbench.core.files import write_atomically
from hpbench.core.run import Run
from hpbench.execute import Record, RunError, execute, find_device
from hpbench.report.episodes import episodes_picture
from hpbench.report.level_curves import level_picture
from hpbench.report.plot import run_picture
from hpbench.report.progress import RunDisplay
from hpbench.report.summary import print_summary


def run_all(
    runs: Sequence[Run], folder: Path, console: Console, *, force: bool, quiet: bool
) -> list[RunError]:
    """Do the runs; returns what failed in a strategy or scenario. Other errors end the sweep."""
    for device in {run.device for run in runs}:
        find_device(device)  # refuses a missing GPU before anything starts
    failures = []
    said: set[str] = set()

    def say(line: str) -> None:
        if line not in said:
            said.add(line)
            console.print(line, markup=False)

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
        published = registry.published(
            registry.find("strategies", run.strategy), [registry.find("scenarios", run.scenario)]
        )
        print_summary(console, record.row, record.details, published)
        where = f"Row {record.row['run_id']} in {record.board}"
        if record.fresh:
            write_atomically(record.folder / "picture.png", _picture(record))
            where += f"; record and picture in {record.folder}"
        else:
            where += f", there since {record.row['finished']}: skipped (run it again with --force)"
        console.print(where, markup=False)
    return failures


def _picture(record: Record) -> bytes:
    if record.row["protocol"] == "robustness":
        own, label = _standing(record)
        return level_picture([own], label)
    if record.row["protocol"] == "few_shot":
        return episodes_picture(record.row, record.details, record.shown)
    return run_picture(record.row, record.details)


def _standing(record: Record) -> tuple[Group, str]:
    """The comparable rows of the board that a run's row is among, and its label there."""
    for group in groups(read(record.board), smoke=True):
        for label, entry in zip(group.labels, group.entries, strict=True):
            mine = entry.strategy == record.row["strategy"]
            if mine and entry.settings_hash == record.row["settings_hash"]:
                return group, label
    raise LookupError(record.row["run_id"])

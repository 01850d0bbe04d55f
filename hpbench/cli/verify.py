"""`hpbench board verify`."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpbench.cli.board import board_path
from hpbench.cli.folders import PUBLISHED, FolderPath, out_option, published_folder
from hpbench.cli.messages import complain
from hpbench.core.errors import InputError
from hpbench.core.log import start_log

if TYPE_CHECKING:
    from hpbench.runs.verify import Verdict

_MADE_ON = {
    "the same": "",
    "another": ", made on another machine",
    "unknown": ", made on a machine that the row does not name",
}


@click.command()
@click.argument("name")
@click.argument("run_id", required=False)
@click.option("--rows", default=5, show_default=True, type=click.IntRange(1), help="Rows to draw at random.")
@click.option("--draw", type=int, help="Seed of the draw; without it, each call draws other rows.")
@click.option("--data-root", type=FolderPath(), help="Folder of the data, as data_root= of a run.")
@out_option(PUBLISHED)
def verify(
    name: str, run_id: str | None, rows: int, draw: int | None, data_root: Path | None, out: Path | None
) -> int:
    """Run rows of the board NAME again and compare their figures with the new ones.

    RUN_ID selects one row; without it, rows are drawn at random with equal probability. The verdict on a row
    is: the same to the last digit; within the spread of its seeds, if it was made on another machine; or
    different. Within the spread is what differs from the new run by up to three standard deviations over the
    other seeds and the new run, or over the choice of test samples where there are fewer than two other
    seeds. Rows that cannot be run here are listed at the end. The exit code is 1 if any row is different,
    else 2 if any could not be run.
    """
    start_log(verbose=False)
    path = board_path(name, published_folder(out))
    from hpbench.boards.parse import records
    from hpbench.boards.table import read
    from hpbench.cli.terminal import once, open_console
    from hpbench.report.progress import RunsDisplay
    from hpbench.runs.judgement import DIFFERENT
    from hpbench.runs.verify import sample
    from hpbench.runs.verify import verify as run_again

    every = records(read(path))
    chosen = [row for row in every if row["run_id"] == run_id] if run_id else sample(every, rows, draw)
    if not chosen:
        raise InputError(f"there is no run {run_id!r} in {path}")
    console = open_console()
    say = once(click.echo)
    different = 0
    refused: list[str] = []
    for row in chosen:
        try:
            with RunsDisplay(console) as display:
                display.begin(1, row["strategy"])
                report = functools.partial(display.update, 1)
                found = run_again(row, every, data_root=data_root, say=say, report=report)
        except InputError as error:
            refused.append(f"{row['run_id']}: {error}")
            continue
        different += found.verdict == DIFFERENT
        for line in _lines(row, found):
            console.print(line, highlight=False, soft_wrap=True)
    left = f", {len(refused)} could not be" if refused else ""
    counts = f"{len(chosen) - len(refused)} of {len(every)} rows run again{left}, {different} different"
    console.print(counts, highlight=False)
    for reason in refused:
        complain(f"not run again: {reason}")
    return 1 if different else 2 if refused else 0


def _lines(row: Mapping[str, Any], found: "Verdict") -> list[str]:
    """The run with its verdict, then a line for each column, with both values and the difference allowed."""
    words = " ".join(filter(None, [row["strategy"], row["overrides"], f"seed={row['seed']}"]))
    lines = [f"{row['run_id']} {words}: {found.verdict}{_MADE_ON[found.machine]}"]
    for column, (there, here) in found.changed.items():
        lines.append(f"  {column}: {there} in the row, {here} now")
    for name, one in found.moved.items():
        allowed = "not judged" if one.allowed is None else f"{one.allowed:.3g} allowed"
        lines.append(f"  {name} moved by {one.difference:.3g}, {allowed}")
    return lines

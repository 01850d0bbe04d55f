"""`hpbench board verify`."""

from pathlib import Path

import click

from hpbench.cli.board import board_path
from hpbench.cli.folders import PUBLISHED, FolderPath, out_option, published_folder
from hpbench.cli.log import start_log
from hpbench.core.errors import InputError


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
    different. The exit code is 1 if any row is different.
    """
    start_log(verbose=False)
    path = board_path(name, published_folder(out))
    from hpbench.board.parse import records
    from hpbench.board.table import read
    from hpbench.cli.terminal import open_console
    from hpbench.report.progress import RunDisplay
    from hpbench.runs.verify import DIFFERENT, sample
    from hpbench.runs.verify import verify as run_again

    every = records(read(path))
    chosen = [row for row in every if row["run_id"] == run_id] if run_id else sample(every, rows, draw)
    if not chosen:
        raise InputError(f"there is no run {run_id!r} in {path}")
    console = open_console()
    different = 0
    for row in chosen:
        words = " ".join(filter(None, [row["strategy"], row["overrides"], f"seed={row['seed']}"]))
        with RunDisplay(console, row["strategy"], quiet=False) as display:
            found = run_again(row, every, data_root=data_root, say=click.echo, report=display.update)
        different += found.verdict == DIFFERENT
        machine = "" if found.same_machine else ", made on another machine"
        console.print(f"{row['run_id']} {words}: {found.verdict}{machine}", highlight=False)
        for column, (there, here) in found.moved.items():
            console.print(f"  {column}: {there} in the row, {here} now", highlight=False)
    console.print(f"{len(chosen)} of {len(every)} rows run again, {different} different", highlight=False)
    return 1 if different else 0

"""`hpbench board add`: put a finished run on its board."""

from pathlib import Path

import click

from hpbench.cli.folders import RESULTS, FolderPath, out_option, results_folder
from hpbench.cli.messages import mention


@click.command()
@click.argument("records", nargs=-1, required=True, type=FolderPath(dir_okay=False))
@out_option(RESULTS)
def add(records: tuple[Path, ...], out: Path | None) -> None:
    """Put finished runs on their boards, from their RECORDS (record.json), as a run does at its end.

    It is for a run whose row could not be written: the disk was full, or the board was damaged.
    """
    from hpbench.runs.filed import file_record

    folder = results_folder(out)
    for path in records:
        board, added = file_record(path, folder, mention)
        click.echo(f"{path}: {'added to' if added else 'is already on'} {board}")

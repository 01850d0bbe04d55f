"""Finds a run on the boards of a folder by its id."""

from pathlib import Path
from typing import Any, NamedTuple

from hpbench.boards import table
from hpbench.boards.parse import records
from hpbench.core.errors import InputError, nearest
from hpbench.runs.filed import run_folder

_LISTED = 10
"""Runs that a message lists at most."""


class Found(NamedTuple):
    """A run's row, its board, and the folder of what else it left."""

    row: dict[str, Any]
    board: Path
    folder: Path


def find_run(run: str, out: Path) -> Found:
    """The run whose id is `run` or begins so, on the boards in `out`.

    Raises InputError if there is none, if several begin so, or if a board is damaged.
    """
    found = []
    for board in sorted(out.glob("*.csv")):
        rows = table.read(board)
        for row in records(rows[rows["run_id"].str.startswith(run)]):
            found.append(Found(row, board, run_folder(board, row["run_id"])))
    if len(found) == 1:
        return found[0]
    if found:
        others = ", ".join(one.row["run_id"] for one in found[:5])
        raise InputError(f"{len(found)} runs in {out} begin with {run!r}: {others}: write more of it")
    known = [path.name for path in (out / "runs").glob("*")]
    few = len(known) <= _LISTED
    hint = nearest(run, known) if few else f"run_id in its boards names the {len(known)} that are there"
    raise InputError(f"there is no run {run!r} in {out}: {hint}")

"""`hpbench.load` and `hpbench.board`: earlier runs, and the published boards."""

from pathlib import Path
from typing import TYPE_CHECKING

from hpbench.boards.parse import records
from hpbench.boards.table import read
from hpbench.cli.board import board_path
from hpbench.cli.folders import published_folder, results_folder
from hpbench.core.errors import InputError, nearest
from hpbench.interface.results import Result
from hpbench.runs.filed import run_folder

if TYPE_CHECKING:
    import pandas as pd


def load(run_id: str, out: str | Path | None = None) -> Result:
    """An earlier run, by its id or the beginning of it, from the boards in `out` (by default `results`).

    Raises InputError if there is none, or several that begin so.
    """
    folder = results_folder(Path(out) if out is not None else None)
    found = []
    for board in sorted(folder.glob("*.csv")):
        frame = read(board)
        rows = records(frame[frame["run_id"].str.startswith(run_id)])
        found += [Result(row, board, run_folder(board, row["run_id"])) for row in rows]
    if len(found) == 1:
        return found[0]
    if found:
        others = ", ".join(one.run_id for one in found[:5])
        raise InputError(f"{len(found)} runs in {folder} begin with {run_id!r}: {others}: write more of it")
    known = [path.name for path in (folder / "runs").glob("*")]
    raise InputError(f"there is no run {run_id!r} in {folder}: {nearest(run_id, known)}")


def board(name: str, out: str | Path | None = None) -> "pd.DataFrame":
    """The rows of a board, typed; by default of the published one, in a checkout.

    Raises InputError if there is none of this name, or if it is damaged.
    """
    return read(board_path(name, published_folder(Path(out) if out is not None else None)))

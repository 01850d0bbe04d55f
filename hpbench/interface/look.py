"""`hpbench.load` and `hpbench.board`: earlier runs, and the published boards."""

from pathlib import Path
from typing import TYPE_CHECKING

from hpbench.boards.table import read
from hpbench.cli.board import board_path
from hpbench.cli.folders import folder_of, published_folder, results_folder
from hpbench.interface.results import Result
from hpbench.runs.find_run import find_run

if TYPE_CHECKING:
    import pandas as pd


def load(run_id: str, out: str | Path | None = None) -> Result:
    """An earlier run, by its id or the beginning of it, from the boards in `out` (by default `results`).

    Raises InputError if there is none, or several that begin so.
    """
    found = find_run(run_id, results_folder(folder_of(out)))
    return Result(found.row, found.board, found.folder)


def board(name: str, out: str | Path | None = None) -> "pd.DataFrame":
    """The rows of a board, typed; by default of the published one, in a checkout.

    Raises InputError if there is none of this name, or if it is damaged.
    """
    return read(board_path(name, published_folder(folder_of(out))))

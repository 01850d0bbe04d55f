"""Executes one Run: performs it and files its row, unless the board has it already."""

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpbench.boards import table
from hpbench.core.checkpoints import CHECKPOINT_MINUTES
from hpbench.core.run import Run
from hpbench.kept.model_file import model_in
from hpbench.runs.filed import RECORD, file_run, run_folder
from hpbench.runs.model_kept import NotKeptError, add_model, write_model

if TYPE_CHECKING:
    from hpbench.runs.perform import Performed

Say = Callable[[str], None]


@dataclass(frozen=True)
class Record:
    """A finished run: its row, its details and where they were written.

    `fresh` is false if the run was on the board already; the details are then those of its record, empty if
    there is none. `shown` has data for the picture only, `trained` the trained module, if it was trained in
    this process.
    """

    run: Run
    row: dict[str, Any]
    details: dict[str, Any]
    folder: Path
    board: Path
    fresh: bool
    shown: Any = None
    trained: Any = None

    @property
    def model(self) -> Path | None:
        """The file of the trained model, None if it was not kept."""
        return model_in(self.folder)

    @property
    def log(self) -> Path | None:
        """The folder of the log that the run was asked for, None without one."""
        folder = self.folder / self.run.log
        return folder if self.run.log and folder.is_dir() else None


def execute(
    run: Run,
    out: Path,
    *,
    force: bool,
    say: Say,
    report: Callable[[Any], None],
    check: Callable[[Mapping[str, Any]], None] | None = None,
    checkpoint_minutes: float = CHECKPOINT_MINUTES,
) -> Record:
    """Execute a run and add its row to the board in `out`; skipped if it is there and `force` is false.

    The parameters are those of `perform`. Raises what `perform` raises, and NotFiledError if the run is done
    but its row cannot be written.
    """
    from hpbench.runs.perform import perform  # torch

    performed = perform(
        run,
        known=known_runs(run, out, force=force),
        anew=force,
        say=say,
        report=report,
        check=check,
        checkpoint_minutes=checkpoint_minutes,
    )
    return filed(run, performed, out, force, say)


def known_runs(run: Run, out: Path, *, force: bool) -> frozenset[str]:
    """The ids under which the run need not be performed: those that it has on the board, none with `force`.

    If the run asks for its model, those whose model is there. Raises InputError if the board is damaged.
    """
    if force:
        return frozenset()
    board = board_of(run, out)
    ids = table.ids_of(board, run.strategy, run.overrides, run.seed)
    return frozenset(one for one in ids if model_in(run_folder(board, one))) if run.save else ids


def board_of(run: Run, out: Path) -> Path:
    """The board in `out` that a run belongs to."""
    return out / f"{run.scenario}.csv"


def filed(run: Run, performed: "Performed", out: Path, force: bool, say: Say) -> Record:
    """Put what was performed on the board in `out`; with `force`, in place of an earlier row.

    The run's state is then removed. Raises NotFiledError if it cannot be written, and NotKeptError if only
    its model cannot.
    """
    board, row, details = board_of(run, out), performed.row, performed.details
    folder = run_folder(board, row["run_id"])
    added = performed.fresh and file_run(board, row, details, replace=force, say=say)
    if performed.state is not None:
        with contextlib.suppress(OSError):
            performed.state.unlink(missing_ok=True)
    if added:
        record = Record(run, row, details, folder, board, True, performed.shown, performed.trained)
        reason = performed.no_model or write_model(folder, performed.model)
        if reason:
            raise NotKeptError(f"{reason} The row of run {row['run_id']} is safe in {board}.", record)
        return record
    # It was there already, or another process has done it meanwhile; the row that is there stands.
    there = table.find(board, row["run_id"]) or row
    record = Record(run, there, _details(folder), folder, board, fresh=False, trained=performed.trained)
    if performed.fresh and run.save:
        model = performed.model
        reason = performed.no_model or add_model(folder, there, row["accuracy"], model, say)
        if reason:
            raise NotKeptError(f"{reason} The row of run {row['run_id']} stays on its board.", record)
    return record


def _details(folder: Path) -> dict[str, Any]:
    """The details of an earlier run, from its record; empty if there is none that can be read."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        return {str(name): value for name, value in record.items() if name != "row"}
    except (OSError, ValueError, AttributeError):
        return {}

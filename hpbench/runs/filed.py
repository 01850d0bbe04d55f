"""Files a finished run: its record in a folder of its own, its row on the board."""

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hpbench.boards import table
from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically
from hpbench.data.places import NOT_FILED, cache_folder

RECORD = "record.json"

Say = Callable[[str], None]


class NotFiledError(InputError):
    """A run is finished, but its row is not on the board; the message names the record that has it."""


def run_folder(board: Path, run_id: str) -> Path:
    """The folder of a run's record and picture, beside its board."""
    return board.parent / "runs" / run_id


def file_run(
    board: Path, row: Mapping[str, Any], details: Mapping[str, Any], *, replace: bool, say: Say
) -> bool:
    """Write the record, then the row; returns whether the row was added or replaced.

    It is neither if another process has put the same run on the board meanwhile and `replace` is false; the
    record then stays that of the row. `say` gets a line while another process holds the board. Raises
    NotFiledError if either cannot be written.
    """
    text = json.dumps({"row": row, **details}, indent=1)
    path = run_folder(board, row["run_id"]) / RECORD
    if not replace and _is_there(board, row["run_id"]):
        return False
    try:
        write_atomically(path, text)
    except InputError as error:
        elsewhere = _written_elsewhere(f"{row['run_id']}.json", text)
        if elsewhere is None:
            raise NotFiledError(f"{error} The run is lost: its record can be written nowhere.") from error
        raise _not_filed(error, elsewhere, board) from error
    try:
        return table.add(board, row, replace, say) != "there"
    except InputError as error:
        raise _not_filed(error, path, board) from error


def file_record(path: Path, folder: Path, say: Say) -> tuple[Path, bool]:
    """Put the run of a record on its board in `folder`; returns the board and whether the row was added.

    Raises InputError if the file is no record of a run, or if the row cannot be written.
    """
    try:
        record = json.loads(path.read_bytes())
        row = {str(name): value for name, value in record["row"].items()}
        board = folder / f"{row['scenario']}.csv"
        own_id = str(row["run_id"])
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}): name the record.json of a run") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} is no record of a run ({type(error).__name__}: {error}): name a record.json"
        ) from error
    added = table.add(board, row, replace=False, say=say) != "there"
    own = run_folder(board, own_id) / RECORD
    if added and path.resolve() != own.resolve():
        write_atomically(own, path.read_bytes())
    return board, added


def _is_there(board: Path, run_id: str) -> bool:
    try:
        return table.find(board, run_id) is not None
    except InputError:  # of a damaged board: said when the row is added
        return False


def _written_elsewhere(name: str, text: str) -> Path | None:
    """A file in the cache folder, else in that for temporary files; None if neither can be written."""
    for place in (cache_folder, lambda: Path(tempfile.gettempdir())):
        try:
            path = place() / NOT_FILED / name
            write_atomically(path, text)
        except (InputError, OSError):
            continue
        return path
    return None


def _not_filed(error: InputError, record: Path, board: Path) -> NotFiledError:
    return NotFiledError(
        f"{error} The run itself is safe in {record}: when {board.parent} can be written, "
        f"`hpbench board add {record} --out {board.parent}` puts it on the board."
    )

"""Checks all boards of a folder: schema, order of rows, run ids, and consistency with the records."""

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hpbench.board.cells import same_cell
from hpbench.board.counted import Row
from hpbench.board.levels import FOLDER, long_form
from hpbench.board.parse import Board, DamagedError, load, records
from hpbench.board.record_file import read_records
from hpbench.board.table import ORDER, order
from hpbench.core.errors import InputError
from hpbench.core.identity import run_id
from hpbench.protocols.protocol import Contradiction
from hpbench.protocols.table import protocol_named

_CLOCKS_APART = datetime.timedelta(days=1)
"""Allowed difference between the clocks of two machines."""


def boards_in(folder: Path) -> list[Path]:
    """The files of a leaderboard folder, by name. Raises InputError if there is no such folder."""
    if not folder.is_dir():
        raise InputError(f"there is no leaderboard folder {folder}")
    return sorted(path for path in folder.glob("*.csv") if not path.name.startswith("."))


def check_folder(folder: Path) -> list[str]:
    """Problems of the boards in a folder and of files derived from them, each with file and line.

    Raises InputError if there is no such folder.
    """
    return board_problems(folder) or _long_form_problems(folder)


def board_problems(folder: Path) -> list[str]:
    """Problems of the boards alone, without the files derived from them.

    Raises InputError if there is no such folder.
    """
    return [f"{path.name}: {problem}" for path in boards_in(folder) for problem in check_board(path)]


def _long_form_problems(folder: Path) -> list[str]:
    """Problems of long-form files that differ from what their boards give; boards have no problems here."""
    problems = []
    for path in sorted((folder / FOLDER).glob("*.csv")):
        board = folder / path.name
        if not board.exists() or path.read_text() != long_form(load(board)):
            problems.append(f"{FOLDER}/{path.name}: does not follow from the board; publish writes it")
    return problems


def check_board(path: Path) -> list[str]:
    """Problems of one board: layout, ranges and formats, then inconsistent rows, then order."""
    try:
        board = load(path)
    except DamagedError as error:
        return list(error.problems)
    except InputError as error:
        return [str(error)]
    if board.older:
        return ["line 1: an older layout: `hpbench board migrate` rewrites it"]
    return _row_problems(board, path) + _order_problems(board)


def _row_problems(board: Board, path: Path) -> list[str]:
    recorded = read_records(path)
    return [
        f"line {line}, column {column!r}: {text}"
        for line, row in enumerate(records(board.frame), start=2)
        for column, text in _contradictions(row, path.stem, recorded.get(row["run_id"]))
    ]


def _contradictions(row: Row, scenario: str, record: Mapping[str, Any] | None) -> Iterator[Contradiction]:
    """Columns that are inconsistent with the rest of the row or its record, each with a sentence."""
    expected = run_id(row)
    if row["run_id"] != expected:
        yield "run_id", f"{row['run_id']!r} does not follow from the row, which gives {expected!r}"
    if row["scenario"] != scenario:
        yield "scenario", f"{row['scenario']!r}, but the file is that of {scenario!r}"
    if datetime.datetime.fromisoformat(row["finished"]) > _now() + _CLOCKS_APART:
        yield "finished", f"{row['finished']!r} is still to come"
    protocol = protocol_named(row["protocol"])
    yield from protocol.contradictions(row)
    if record is None:
        return
    yield from protocol.contradictions_of_record(row, record)
    for name, there in record["row"].items():
        if name in row and not same_cell(there, row[name]):
            yield name, f"{row[name]!r}, but the run's record has {there!r}"


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _order_problems(board: Board) -> list[str]:
    """The first row out of place only, as it may displace all others."""
    for found, expected in enumerate(order(board)):
        if found != expected:
            names = ", ".join(name for name in ORDER if name in board.frame)
            return [f"line {expected + 2} should be line {found + 2}: rows are sorted by {names}"]
    return []

"""Checks all boards of a folder: schema, order of rows, run ids, and consistency with the records."""

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path

from hpbench.boards.cells import same_cell
from hpbench.boards.counted import Row
from hpbench.boards.formats import excerpt
from hpbench.boards.levels import FOLDER, long_form
from hpbench.boards.parse import Board, DamagedError, load, records
from hpbench.boards.record_file import Record, read_records, run_records
from hpbench.boards.table import ORDER, order
from hpbench.core.errors import InputError
from hpbench.core.files import has_content
from hpbench.core.identity import run_id
from hpbench.protocols.protocol import Contradiction, settings_apart
from hpbench.protocols.table import protocol_named

_FIRST = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)

_CLOCKS_APART = datetime.timedelta(days=1)
"""Allowed difference between the clocks of two machines."""


def boards_in(folder: Path) -> list[Path]:
    """The files of a leaderboard folder, by name. Raises InputError if there is no such folder."""
    if not folder.is_dir():
        raise InputError(f"there is no leaderboard folder {folder}")
    return sorted(path for path in folder.glob("*.csv") if not path.name.startswith("."))


def check_folder(folder: Path) -> list[str]:
    """Problems of the boards in a folder and of files derived from them, each with file and line.

    Rows are held against the records that are there: published ones, and those that runs left in `runs`.
    Raises InputError if there is no such folder, or if a record in `runs` cannot be read.
    """
    boards = boards_in(folder)
    own = run_records(folder)
    problems = [f"{path.name}: {problem}" for path in boards for problem in _problems_in(path, own)]
    return problems or _long_form_problems(folder)


def _long_form_problems(folder: Path) -> list[str]:
    """Problems of long-form files that differ from what their boards give; boards have no problems here."""
    problems = []
    for path in sorted((folder / FOLDER).glob("*.csv")):
        board = folder / path.name
        if not board.exists():
            problems.append(f"{FOLDER}/{path.name}: there is no board {path.name}; remove the file")
        elif not has_content(path, long_form(load(board))):
            problems.append(f"{FOLDER}/{path.name}: does not follow from the board; publish writes it")
    return problems


def _problems_in(path: Path, own: Mapping[str, Record]) -> list[str]:
    """Problems of one board: layout, ranges and formats, then inconsistent rows, then order."""
    try:
        board = load(path)
    except DamagedError as error:
        return list(error.problems)
    except InputError as error:
        return [str(error)]
    return problems_of(board, path.stem, {**own, **read_records(path)})


def consistent(path: Path) -> Board:
    """The board in a file, for showing it: of the current layout, only if check finds nothing in its rows.

    Raises InputError if the file cannot be read, is damaged, or has rows that contradict themselves.
    """
    board = load(path)
    rows = records(board.frame)
    found = (
        [_told(line, *one) for line, row in enumerate(rows, 2) for one in _contradictions_within(row)]
        if board.older
        else problems_of(board, path.stem, read_records(path))
    )
    if found:
        raise DamagedError(path, found)
    return board


def problems_of(board: Board, scenario: str, recorded: Mapping[str, Record]) -> list[str]:
    """Problems of a board that could be read: rows that contradict themselves or their records; order."""
    if board.older:
        return ["line 1: an older layout: `hpbench board migrate` rewrites it"]
    return [
        _told(line, *one)
        for line, row in enumerate(records(board.frame), start=2)
        for one in _contradictions(row, scenario, recorded.get(row["run_id"]))
    ] + _order_problems(board)


def _told(line: int, column: str, text: str) -> str:
    return f"line {line}, column {column!r}: {text}"


def _contradictions(row: Row, scenario: str, record: Record | None) -> Iterator[Contradiction]:
    """Columns that are inconsistent with the rest of the row or its record, each with a sentence."""
    expected = run_id(row)
    if row["run_id"] != expected:
        yield "run_id", f"{row['run_id']!r} does not follow from the row, which gives {expected!r}"
    if row["scenario"] != scenario:
        yield "scenario", f"{row['scenario']!r}, but the file is that of {scenario!r}"
    yield from _contradictions_within(row)
    if record is not None:
        yield from contradictions_of_record(row, record)


def _contradictions_within(row: Row) -> Iterator[Contradiction]:
    finished = datetime.datetime.fromisoformat(row["finished"])
    if finished > _now() + _CLOCKS_APART:
        yield "finished", f"{row['finished']!r} is still to come"
    if finished < _FIRST:
        yield "finished", f"{row['finished']!r} is before there was a hpbench"
    protocol = protocol_named(row["protocol"])
    yield from settings_apart(row, protocol)
    yield from protocol.contradictions(row)


def contradictions_of_record(row: Row, record: Record) -> Iterator[Contradiction]:
    """Columns of a row that its run's record does not bear out, each with a sentence."""
    try:
        yield from protocol_named(row["protocol"]).contradictions_of_record(row, record)
        for name, there in record["row"].items():
            if name in row and not same_cell(there, row[name]):
                yield name, f"{row[name]!r}, but the run's record has {excerpt(there)}"
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        yield "run_id", f"the record of the run is damaged ({type(error).__name__}: {excerpt(str(error))})"


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _order_problems(board: Board) -> list[str]:
    """The first row out of place only, as it may displace all others."""
    for found, expected in enumerate(order(board)):
        if found != expected:
            names = ", ".join(name for name in ORDER if name in board.frame)
            return [f"line {expected + 2} should be line {found + 2}: rows are sorted by {names}"]
    return []

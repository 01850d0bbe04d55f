"""Hold all boards of a folder against the schema, their order and the ids of their runs."""

from pathlib import Path

from hpbench.board.levels import FOLDER, levels_csv
from hpbench.board.parse import Board, DamagedError, load, records
from hpbench.board.table import ORDER, order
from hpbench.core.errors import InputError
from hpbench.core.identity import run_id


def boards_in(folder: Path) -> list[Path]:
    """The files of a leaderboard folder, by name. Raises InputError if there is no such folder."""
    if not folder.is_dir():
        raise InputError(f"there is no leaderboard folder {folder}")
    return sorted(path for path in folder.glob("*.csv") if not path.name.startswith("."))


def check_folder(folder: Path) -> list[str]:
    """What is wrong with the boards of the folder, each with file and line; empty if nothing is.

    Raises InputError if there is no such folder.
    """
    boards = [f"{path.name}: {problem}" for path in boards_in(folder) for problem in check_board(path)]
    return boards or _long_form_problems(folder)


def _long_form_problems(folder: Path) -> list[str]:
    """Long forms that do not follow from boards without problems."""
    problems = []
    for path in sorted((folder / FOLDER).glob("*.csv")):
        board = folder / path.name
        if not board.exists() or path.read_text() != levels_csv(load(board).frame):
            problems.append(f"{FOLDER}/{path.name}: does not follow from the board; publish writes it")
    return problems


def check_board(path: Path) -> list[str]:
    """What is wrong with one board: schema, ranges and formats, then ids, scenario and order."""
    try:
        board = load(path)
    except DamagedError as error:
        return list(error.problems)
    except InputError as error:
        return [str(error)]
    return _row_problems(board, path.stem) + _order_problems(board)


def _row_problems(board: Board, scenario: str) -> list[str]:
    problems = []
    for line, row in enumerate(records(board.frame), start=2):
        expected = run_id(row)
        if row["run_id"] != expected:
            problems.append(
                f"line {line}, column 'run_id': {row['run_id']!r} does not follow from the row, "
                f"which gives {expected!r}"
            )
        if row["scenario"] != scenario:
            problems.append(
                f"line {line}, column 'scenario': {row['scenario']!r}, but the file is that of {scenario!r}"
            )
    return problems


def _order_problems(board: Board) -> list[str]:
    """Only the first row out of place: all others may follow from it."""
    for found, expected in enumerate(order(board)):
        if found != expected:
            names = ", ".join(name for name in ORDER if name in board.frame)
            return [f"line {expected + 2} should be line {found + 2}: rows are sorted by {names}"]
    return []

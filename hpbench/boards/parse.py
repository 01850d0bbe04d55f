"""From the bytes of a board's file to typed rows, or to a list of its problems."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hpbench.boards.cells import from_text
from hpbench.boards.layout import in_present_layout, is_older_layout
from hpbench.boards.schema import DTYPES, Fault, columns, fault
from hpbench.core.columns import Column
from hpbench.core.errors import InputError
from hpbench.protocols.table import PROTOCOLS

_CONFLICT = ("<<<<<<< ", "||||||| ", ">>>>>>> ")


@dataclass(frozen=True)
class Board:
    """A board as read: its protocol, each row's unchanged line in the file, and the typed rows.

    `older`: the file has an older layout. Its lines are then converted to the current one, and its run ids
    may differ from those computed from the rows.
    """

    protocol: str
    lines: tuple[str, ...]
    frame: pd.DataFrame
    older: bool = False


class DamagedError(InputError):
    """A board's file is damaged; `problems` has everything that was found, each with its line."""

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        more = f" (and {len(problems) - 1} more: see `hpbench board check`)" if len(problems) > 1 else ""
        super().__init__(
            f"{path} is damaged: {problems[0]}{more}. Repair it or restore its last good version; "
            "it was left unchanged."
        )


def parse(path: Path, data: bytes) -> Board:
    """The board in `data`; `path` is used in messages only. Raises DamagedError."""
    names, *rows = lines = _lines(path, data)
    header = _fields(path, 1, names)
    cells = [_fields(path, number, line) for number, line in enumerate(rows, start=2)]
    protocol = _protocol(header, cells)
    expected = [column.name for column in columns(protocol)]
    older = is_older_layout(header, expected)
    if not older:
        _check_header(path, header, expected)
    for number, row in enumerate(cells, start=2):
        if len(row) != len(header):
            raise DamagedError(path, [f"line {number} has {len(row)} fields, expected {len(header)}"])
    if older:
        cells = [in_present_layout(header, row, expected) for row in cells]
    frame, wrong = frame_of(protocol, cells)
    if wrong:
        raise DamagedError(path, [f"line {one.row + 2}, column {one.column!r}: {one.text}" for one in wrong])
    return Board(protocol, tuple(map(join, cells)) if older else tuple(lines[1:]), frame, older)


def load(path: Path) -> Board:
    """The board in the file at `path`. Raises DamagedError, or InputError if the file cannot be read."""
    return parse(path, content(path))


def content(path: Path) -> bytes:
    """The bytes of a file of a leaderboard folder. Raises InputError if it cannot be read, or is no file."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no file: move it away")
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror})") from error


def frame_of(protocol: str, cells: Sequence[Sequence[str]]) -> tuple[pd.DataFrame, list[Fault]]:
    """The typed rows of cells, given in the order of the protocol's columns, and all their faults."""
    data: dict[str, Any] = {}
    wrong: list[Fault] = []
    for position, column in enumerate(columns(protocol)):
        values = []
        known: dict[str, tuple[Any, str]] = {}  # most columns have few values
        for row, line in enumerate(cells):
            text = line[position]
            if text not in known:
                known[text] = _cell(column, text, protocol)
            elif column.name == "run_id":
                wrong.append(Fault(row, column.name, f"{text!r} is on an earlier line already"))
            value, told = known[text]
            values.append(value)
            if told:
                wrong.append(Fault(row, column.name, told))
        data[column.name] = pd.array(values, dtype=DTYPES[column.kind])
    return pd.DataFrame(data), sorted(wrong, key=lambda one: one.row)


def _cell(column: Column, text: str, protocol: str) -> tuple[Any, str]:
    """The typed value of a cell, None if it cannot be read, and what is wrong with it, or ""."""
    try:
        value = from_text(column, text)
    except ValueError as error:
        return None, str(error)
    return value, fault(column, value, protocol)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain Python values, None for an empty cell."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def join(cells: Sequence[str]) -> str:
    """One line of the file, without its line break."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _lines(path: Path, data: bytes) -> list[str]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedError(path, [f"it is not UTF-8 text (byte {error.start})"]) from error
    if "\0" in text:
        raise DamagedError(path, [f"it is not text (a zero at byte {data.index(0)})"])
    if not text.strip():
        raise DamagedError(path, ["it is empty; a board has at least its line of column names"])
    # A row is one line, so that lines can be copied unchanged and named in messages.
    *lines, rest = [line.removesuffix("\r") for line in text.split("\n")]
    for number, line in enumerate([*lines, rest], start=1):
        if line.startswith(_CONFLICT) or line == "=======":
            raise DamagedError(path, [f"line {number} is a merge conflict marker ({line[:7]})"])
    if rest:
        raise DamagedError(path, [f"line {len(lines) + 1} does not end in a line break: it may be cut short"])
    return lines


def _fields(path: Path, number: int, line: str) -> list[str]:
    try:
        rows = list(csv.reader([line], strict=True))
    except csv.Error as error:
        raise DamagedError(path, [f"line {number} cannot be split into fields ({error})"]) from error
    if rows == [[]]:
        raise DamagedError(path, [f"line {number} is empty"])
    return rows[0]


def _protocol(header: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """The protocol that the first row names; if there is none, the one with the most similar columns."""
    if cells and "protocol" in header and header.index("protocol") < len(cells[0]):
        said = cells[0][header.index("protocol")]
        if said in PROTOCOLS:
            return said
    return max(PROTOCOLS, key=lambda name: len({one.name for one in columns(name)} & set(header)))


def _check_header(path: Path, header: list[str], expected: list[str]) -> None:
    twice = [name for name, count in Counter(header).items() if count > 1]
    missing = [name for name in expected if name not in header]
    extra = [name for name in header if name not in expected]
    problems = []
    if len(missing) == len(expected):
        problems.append("line 1 names none of a board's columns; is this a leaderboard?")
    elif missing:
        problems.append(f"line 1 lacks the column {_listed(missing)}")
    if extra and len(missing) < len(expected):
        problems.append(f"line 1 has the unknown column {_listed(extra)}")
    if twice:
        problems.append(f"line 1 has the column {_listed(twice)} twice")
    if not problems and header != expected:
        at = next(i for i, name in enumerate(expected) if header[i] != name)
        problems.append(f"line 1 has {header[at]!r} where the column {expected[at]!r} was expected")
    if problems:
        raise DamagedError(path, problems)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name[:40]) for name in names[:5]) + (", …" if len(names) > 5 else "")

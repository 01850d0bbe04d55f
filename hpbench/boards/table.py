"""The file of a board: reading, and adding rows without changing the others."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import filelock
import pandas as pd

from hpbench.boards.cells import to_text
from hpbench.boards.parse import Board, content, frame_of, join, load, parse, records
from hpbench.boards.schema import columns, fault
from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically
from hpbench.core.identity import run_id

ORDER = (
    "scenario_version",
    "dataset",
    "regime",
    "strategy",
    "overrides",
    "seed",
    "strategy_version",
    "protocol_version",
    "finished",
    "run_id",
)
"""The rows are sorted by those of these columns that the board has."""

NOTICE_SECONDS = 10.0
"""Time after which, again and again, a process that waits for another says so."""


def silent(line: str) -> None:
    """Takes a line for the user and says nothing."""


def read(path: Path) -> pd.DataFrame:
    """The rows of a board, typed: string, Int64, float64, boolean; an empty text is "".

    Raises InputError if the file cannot be read or is damaged; the message names line and column.
    """
    return load(path).frame


def find(path: Path, wanted: str) -> dict[str, Any] | None:
    """The row of a run, with None for empty cells; None if the board or the run does not exist.

    Raises InputError if the file cannot be read or is damaged.
    """
    if not path.exists():
        return None
    rows = read(path)
    return next(iter(records(rows[rows["run_id"] == wanted])), None)


def ids_of(path: Path, strategy: str, overrides: str, seed: int) -> frozenset[str]:
    """The ids of a board's runs with these settings and this seed, of any version or data; none without it.

    A file that is as it was is not read again. Raises InputError if it cannot be read or is damaged.
    """
    try:
        status = path.stat()
    except OSError:
        return frozenset()
    stamp = status.st_mtime_ns, status.st_size, status.st_ino
    if path not in _read or _read[path][0] != stamp:
        _read[path] = stamp, read(path)
    rows = _read[path][1]
    same = (rows["strategy"] == strategy) & (rows["overrides"] == overrides) & (rows["seed"] == seed)
    return frozenset(rows["run_id"][same])


_read: dict[Path, tuple[tuple[int, int, int], pd.DataFrame]] = {}  # the rows that `ids_of` read, and when


def refuse_unfit(protocol: str, cells: Mapping[str, Any]) -> None:
    """Raise InputError if a board of this protocol could not hold these cells of a row to come."""
    for column in columns(protocol):
        told = fault(column, cells[column.name], protocol) if column.name in cells else ""
        if told:
            raise InputError(f"no board can hold this run: {column.name}={told}")


def add(
    path: Path, row: Mapping[str, Any], replace: bool = False, say: Callable[[str], None] = silent
) -> Literal["added", "replaced", "there"]:
    """Put one run on the board; all other lines stay unchanged.

    Returns "there", and changes nothing, if the board has this run and `replace` is false. `say` gets a line
    while another process holds the board. Raises InputError, and changes nothing, if the row does not fit the
    board's columns, if the file is damaged, or if it cannot be locked or written.
    """
    protocol, line = _line(row)
    own_id = str(row["run_id"])
    before = content(path) if path.exists() else None
    board = None if before is None else parse(path, before)
    with locked(path, say):
        now = content(path) if path.exists() else None
        if now != before:  # another process was faster
            board = None if now is None else parse(path, now)
        if board is not None and board.protocol != protocol:
            raise InputError(f"{path} is a board of {board.protocol!r} runs; this run is of {protocol!r}")
        if board is not None and board.older:
            board = parse(path, migrated(path, board))
        ids = [] if board is None else [str(one) for one in board.frame["run_id"]]
        if own_id in ids and not replace:
            return "there"
        # All lines have been checked by now, and need not be parsed again.
        keyed = [(_key(row), line)] if board is None else [*_keyed(board, own_id), (_key(row), line)]
        lines = [text for _, text in sorted(keyed, key=lambda one: one[0])]
        write_atomically(path, _joined([_header(protocol), *lines]))
    return "replaced" if own_id in ids else "added"


def migrate(path: Path, say: Callable[[str], None] = silent) -> bool:
    """Rewrite a board of an older layout in the current one; returns whether it had an older one.

    Raises InputError, and changes nothing, if the board is damaged or cannot be locked or written.
    """
    with locked(path, say):
        board = load(path)
        if board.older:
            write_atomically(path, migrated(path, board))
    return board.older


def migrated(path: Path, board: Board) -> bytes:
    """The content of a board of an older layout in the current one, with run ids computed again."""
    rows = records(board.frame)
    return assemble(path, board.protocol, [_line(row | {"run_id": run_id(row)})[1] for row in rows])


def assemble(path: Path, protocol: str, lines: Iterable[str]) -> bytes:
    """The content of a board's file from its rows' lines, in order.

    Raises InputError if the lines do not make a valid board; `path` is used in messages only.
    """
    header = _header(protocol)
    board = parse(path, _joined([header, *lines]))
    return _joined([header, *(board.lines[row] for row in order(board))])


def order(board: Board) -> list[int]:
    """The positions of the rows in the order in which they should be."""
    keys = _keys(board)
    return sorted(range(len(keys)), key=keys.__getitem__)


def _keys(board: Board) -> list[tuple[Any, ...]]:
    """The values that the rows are sorted by."""
    names = [name for name in ORDER if name in board.frame]
    return list(board.frame[names].itertuples(index=False, name=None))


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ORDER if name in row)


def _keyed(board: Board, without: str) -> list[tuple[tuple[Any, ...], str]]:
    """The rows' keys and lines, in the order of the file, without a run's."""
    kept = zip(board.frame["run_id"], _keys(board), board.lines, strict=True)
    return [(key, line) for run, key, line in kept if run != without]


def _header(protocol: str) -> str:
    return join([column.name for column in columns(protocol)])


@contextlib.contextmanager
def locked(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the exclusive right to write `path`, by a lock file beside it.

    Waits as long as another process holds it, and calls `say` with a sentence every NOTICE_SECONDS. Raises
    InputError if the folder or the lock file cannot be written.
    """
    lock = filelock.FileLock(lock_file(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        waited = 0.0
        while not lock.is_locked:
            try:
                lock.acquire(timeout=NOTICE_SECONDS)
            except filelock.Timeout:
                waited += NOTICE_SECONDS
                say(f"waiting for another process, which has been writing {path} for over {waited:g} s …")
    except OSError as error:
        raise InputError(
            f"cannot write {path} ({error.strerror}). Choose a folder that can be written."
        ) from error
    try:
        yield
    finally:
        lock.release()


def lock_file(path: Path) -> Path:
    """The file by which a board or README is locked."""
    return path.parent / f".{path.name}.lock"


def _line(row: Mapping[str, Any]) -> tuple[str, str]:
    """The protocol and the line of a new row. Raises InputError if the row does not fit the schema."""
    protocol = str(row.get("protocol"))
    expected = columns(protocol)
    missing = [column.name for column in expected if column.name not in row]
    extra = sorted(set(row) - {column.name for column in expected})
    if missing or extra:
        raise InputError(
            f"the new row does not have the columns of a {protocol!r} board: "
            f"missing {', '.join(missing) or 'none'}; unknown {', '.join(extra) or 'none'}"
        )
    cells = []
    for column in expected:
        try:
            cells.append(to_text(column, row[column.name]))
        except ValueError as error:
            raise InputError(
                f"the new row cannot go on the board: column {column.name!r}: {error}"
            ) from error
    _, wrong = frame_of(protocol, [cells])
    if wrong:
        faults = "; ".join(f"column {one.column!r}: {one.text}" for one in wrong)
        raise InputError(f"the new row cannot go on the board: {faults}")
    return protocol, join(cells)


def _joined(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()

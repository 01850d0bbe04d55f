"""The boards of a folder as they were at one time, and what check finds in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hpbench.boards.check import boards_in, problems_of
from hpbench.boards.parse import Board, DamagedError, content, parse
from hpbench.boards.record_file import Record, record_file, records_in
from hpbench.core.errors import InputError

_SHOWN = 20

_OTHERS = ("README.md",)


@dataclass(frozen=True)
class Snapshot:
    """The contents of a folder's boards, of their records and of its README, by the path in the folder."""

    folder: Path
    files: Mapping[str, bytes]

    @classmethod
    def of(cls, folder: Path, more: Iterable[str] = ()) -> "Snapshot":
        """The folder's files now; none without a folder. `more`: boards that may have records but no file.

        Raises InputError if one of them cannot be read.
        """
        boards = {path.name for path in boards_in(folder)} if folder.is_dir() else set()
        paths = [folder / name for name in _OTHERS]
        for name in sorted(boards | set(more)):
            paths += [folder / name, record_file(folder / name)]
        return cls(
            folder, {path.relative_to(folder).as_posix(): content(path) for path in paths if path.exists()}
        )


@dataclass(frozen=True)
class CheckedBoard:
    """A board without problems, and the records of its runs by run id."""

    board: Board
    records: Mapping[str, Record]


class CheckedBoards:
    """Reads and checks boards; one with the same content is not checked twice."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes | None, bytes | None], tuple[CheckedBoard | None, list[str]]] = {}

    def boards(self, snapshot: Snapshot) -> dict[str, CheckedBoard]:
        """The boards of a folder by the name of the file. Raises InputError that lists all their problems."""
        found: dict[str, CheckedBoard] = {}
        problems: list[str] = []
        for name in snapshot.files:
            if "/" in name or not name.endswith(".csv"):
                continue
            board, wrong = self._checked(snapshot, name)
            problems += [f"{name}: {problem}" for problem in wrong]
            if board is not None:
                found[name] = board
        if problems:
            raise InputError(
                f"the boards in {snapshot.folder} have problems; nothing was published:\n{listed(problems)}"
            )
        return found

    def records(self, snapshot: Snapshot, name: str) -> Mapping[str, Record]:
        """The records of a board, which need not exist."""
        path = record_file(snapshot.folder / name)
        data = snapshot.files.get(path.relative_to(snapshot.folder).as_posix())
        return {} if data is None else records_in(path, data)

    def _checked(self, snapshot: Snapshot, name: str) -> tuple[CheckedBoard | None, list[str]]:
        path = snapshot.folder / name
        record_name = record_file(path).relative_to(snapshot.folder).as_posix()
        key = (str(path), snapshot.files[name], snapshot.files.get(record_name))
        if key not in self._known:
            try:
                board = parse(path, snapshot.files[name])
                recorded = self.records(snapshot, name)
                self._known[key] = CheckedBoard(board, recorded), problems_of(board, path.stem, recorded)
            except DamagedError as error:
                self._known[key] = None, list(error.problems)
        return self._known[key]


def listed(texts: Sequence[str]) -> str:
    """The first of these lines, indented, and how many more there are."""
    more = [f"… and {len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else []
    return "\n".join(f"  {text}" for text in [*texts[:_SHOWN], *more])

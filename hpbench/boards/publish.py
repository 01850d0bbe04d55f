"""Merges the boards of one folder into those of another, without losing or duplicating rows."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hpbench.boards import readme
from hpbench.boards.check import boards_in
from hpbench.boards.counted import PresentVersions
from hpbench.boards.levels import FOLDER, long_form
from hpbench.boards.markdown import all_columns_markdown, ranking_markdown
from hpbench.boards.merge import ScenarioReport, merge
from hpbench.boards.parse import parse
from hpbench.boards.ranking import PresetsOf, groups
from hpbench.boards.record_file import FOLDER as RECORDS
from hpbench.boards.record_file import Record, packed, record_file, run_records
from hpbench.boards.snapshot import CheckedBoard, CheckedBoards, Snapshot, listed
from hpbench.boards.table import locked, silent
from hpbench.core.errors import InputError
from hpbench.core.files import has_content, remove_left_over, write_atomically

COLUMNS_FILE = "COLUMNS.md"
"""The document that describes the columns, beside the README."""

README = "README.md"
"""The page that has the ranking between two markers."""

_ATTEMPTS = 3
"""How often all is prepared without the locks, if others write meanwhile."""


@dataclass(frozen=True)
class PublishReport:
    """The result of publishing by scenario, and the README whose ranking was written."""

    scenarios: tuple[ScenarioReport, ...]
    readme: Path


def publish(
    source_folder: Path,
    target_folder: Path,
    include_uncommitted: bool = False,
    present: PresentVersions | None = None,
    presets: PresetsOf | None = None,
    say: Callable[[str], None] = silent,
) -> PublishReport:
    """Merge all boards of `source_folder` into `target_folder`; write the ranking in its README.

    Boards of the robustness protocol are written in long form too, into the folder `levels`.

    Records of published rows are copied from `runs/` to the board's file of records. Rows made from
    uncommitted sources are left out unless `include_uncommitted`; with `present`, the ranking marks rows of
    earlier versions. Raises InputError, before anything is written, if a board of either folder has
    problems, a run has other results than the same run in the target, or the README's markers are broken;
    also if the target cannot be locked or written. `say` gets a line while another process holds the target.
    """
    sources = boards_in(source_folder)
    if not sources:
        raise InputError(f"there are no boards (*.csv) in {source_folder}: nothing to publish")
    checked = CheckedBoards()
    read = Snapshot.of(source_folder, [path.name for path in sources])
    source = checked.boards(read)
    own_records = run_records(source_folder)
    for one in source.values():
        own_records |= one.records
    names = sorted(source)

    def prepared(target: Snapshot) -> tuple[list[ScenarioReport], dict[Path, bytes]]:
        return _prepared(source, own_records, target, checked, include_uncommitted, present, presets)

    # All is computed without the locks, from what the target has now. Under them it is only compared with
    # what the target has then, and written.
    for _ in range(_ATTEMPTS):
        before = Snapshot.of(target_folder, names)
        reports, files = prepared(before)
        with _all_locked(target_folder, names, say):
            if Snapshot.of(target_folder, names) == before:
                _write(files)
                break
    else:  # others write to it all the time
        with _all_locked(target_folder, names, say):
            reports, files = prepared(Snapshot.of(target_folder, names))
            _write(files)
    return PublishReport(tuple(reports), target_folder / README)


def _prepared(
    source: Mapping[str, CheckedBoard],
    own_records: Mapping[str, Record],
    target: Snapshot,
    checked: CheckedBoards,
    include_uncommitted: bool,
    present: PresentVersions | None,
    presets: PresetsOf | None,
) -> tuple[list[ScenarioReport], dict[Path, bytes]]:
    """What is reported of each board, and the content of the target's files in the order of writing."""
    there = checked.boards(target)
    boards = {name: one.board for name, one in there.items()}
    recorded = {name: one.records for name, one in there.items()}
    merges = {
        name: merge(
            one.board,
            boards.get(name),
            target.folder / name,
            recorded[name] if name in recorded else checked.records(target, name),
            own_records,
            include_uncommitted,
        )
        for name, one in source.items()
    }
    _refuse_conflicts(target.folder, [text for one in merges.values() for text in one.conflicts])
    files: dict[Path, bytes] = {}
    # A killed publish is completed by the next one: records are written before their rows, and a record
    # without its row is replaced; all that follows from the boards is written after them, and always.
    for name, one in merges.items():
        path = target.folder / name
        if one.records is not None:
            recorded[name] = one.records
            files[record_file(path)] = packed(one.records)
        if one.content is not None:
            boards[name] = parse(path, one.content)
            files[path] = one.content
    for name, board in boards.items():
        content = long_form(board)
        if content is not None:
            files[target.folder / FOLDER / name] = content.encode()
    ranked = [
        group
        for name in sorted(boards)
        for group in groups(boards[name].frame, present, presets, recorded=recorded.get(name, {}))
    ]
    readme_path = target.folder / README
    text = readme.current(readme_path, target.files.get(README))
    files[readme_path] = readme.with_ranking(readme_path, text, ranking_markdown(ranked)).encode()
    files[target.folder / COLUMNS_FILE] = all_columns_markdown().encode()
    return [one.report for one in merges.values()], files


def _write(files: Mapping[Path, bytes]) -> None:
    for path, content in files.items():
        if not has_content(path, content):
            write_atomically(path, content)


@contextlib.contextmanager
def _all_locked(folder: Path, names: Iterable[str], say: Callable[[str], None]) -> Iterator[None]:
    """Hold the locks of the README and of these boards."""
    with contextlib.ExitStack() as locks:
        # The README is locked first, then the boards by name, so that two processes cannot deadlock.
        for name in (README, *sorted(names)):
            locks.enter_context(locked(folder / name, say))
        remove_left_over([folder, folder / FOLDER, folder / RECORDS])
        yield


def _refuse_conflicts(folder: Path, conflicts: Sequence[str]) -> None:
    if conflicts:
        raise InputError(
            f"the same run has other results in {folder} or in its record; nothing was published. Find out "
            f"which is right, and remove the other:\n{listed(conflicts)}"
        )

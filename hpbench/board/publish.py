"""Merges the boards of one folder into those of another, without losing or duplicating rows."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hpbench.board import readme
from hpbench.board.cells import to_text
from hpbench.board.check import board_problems, boards_in
from hpbench.board.counted import PresentVersions, Row, is_uncommitted
from hpbench.board.levels import FOLDER, long_form
from hpbench.board.markdown import all_columns_markdown, ranking_markdown
from hpbench.board.parse import Board, load, parse, records
from hpbench.board.ranking import PresetsOf, groups
from hpbench.board.record_file import Record, read_records, run_records, write_records
from hpbench.board.schema import columns
from hpbench.board.table import assemble, locked
from hpbench.core.columns import MADE_BY
from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically

NOT_RESULTS = frozenset(
    {
        "train_seconds",
        "test_seconds",
        "peak_memory_mb",
        "peak_gpu_memory_mb",
        "finished",
        *(column.name for column in MADE_BY),
    }
)
"""Columns that may differ when a run is repeated: time, machine and code."""

COLUMNS_FILE = "COLUMNS.md"
"""The document that describes the columns, beside the README."""

_SHOWN = 20


@dataclass(frozen=True)
class ScenarioReport:
    """Numbers of one scenario's rows that were added, already there, and left out.

    `unknown`: of those left out, the rows whose sources may be those of a commit, as git failed.
    """

    scenario: str
    added: int
    already_there: int
    left_out: int
    unknown: int = 0


@dataclass(frozen=True)
class PublishReport:
    """The result of publishing by scenario, and the README whose ranking was written."""

    scenarios: tuple[ScenarioReport, ...]
    readme: Path


@dataclass(frozen=True)
class _Merge:
    path: Path
    content: bytes | None  # None if no row is added
    report: ScenarioReport
    conflicts: tuple[str, ...]
    records: Mapping[str, Record] | None  # None if no record is added


def publish(
    source_folder: Path,
    target_folder: Path,
    include_uncommitted: bool = False,
    present: PresentVersions | None = None,
    presets: PresetsOf | None = None,
) -> PublishReport:
    """Merge all boards of `source_folder` into `target_folder`; write the ranking in its README.

    Boards of the robustness protocol are written in long form too, into the folder `levels`.

    Records of published rows are copied from `runs/` to the board's file of records. Rows made from
    uncommitted sources are left out unless `include_uncommitted`; with `present`, the ranking marks rows of
    earlier versions. Raises InputError, before anything is written, if a board of either folder has
    problems, a run has other results than the same run in the target, or the README's markers are broken;
    also if the target cannot be locked or written.
    """
    sources = boards_in(source_folder)
    if not sources:
        raise InputError(f"there are no boards (*.csv) in {source_folder}: nothing to publish")
    _refuse(source_folder, board_problems(source_folder))
    boards = {path.name: load(path) for path in sources}
    own_records = run_records(source_folder)
    for path in sources:
        own_records |= read_records(path)
    readme_path = target_folder / "README.md"
    with contextlib.ExitStack() as locks:
        # The README is locked first, then the boards by name, so that two processes cannot deadlock.
        for name in ("README.md", *sorted(boards)):
            locks.enter_context(locked(target_folder / name))
        _refuse(target_folder, board_problems(target_folder))
        targets = {path.name: load(path) for path in boards_in(target_folder)}
        merges = [
            _merge(board, targets.get(name), target_folder / name, own_records, include_uncommitted)
            for name, board in boards.items()
        ]
        _refuse_conflicts(target_folder, [text for merge in merges for text in merge.conflicts])
        merged = targets | {
            one.path.name: parse(one.path, one.content) for one in merges if one.content is not None
        }
        ranked = [group for name in sorted(merged) for group in groups(merged[name].frame, present, presets)]
        ranking = ranking_markdown(ranked)
        text = readme.current(readme_path)
        new_text = readme.with_ranking(readme_path, text, ranking)
        # If the process is killed, the next publish completes the work: derived files are always written, and
        # a record without its row does no harm.
        for merge in merges:
            if merge.records is not None:
                write_records(merge.path, merge.records)
            if merge.content is not None:
                write_atomically(merge.path, merge.content)
        for name, board in merged.items():
            _write_long_form(target_folder / FOLDER / name, board)
        if new_text != text:
            write_atomically(readme_path, new_text)
        write_atomically(target_folder / COLUMNS_FILE, all_columns_markdown())
    return PublishReport(tuple(merge.report for merge in merges), readme_path)


def _write_long_form(path: Path, board: Board) -> None:
    """Write the long form of a board whose protocol has one, if it is missing or stale."""
    content = long_form(board)
    if content is not None and (not path.exists() or path.read_text() != content):
        write_atomically(path, content)


def _merge(
    source: Board,
    target: Board | None,
    path: Path,
    own_records: Mapping[str, Record],
    include_uncommitted: bool,
) -> _Merge:
    """The content of `path`, the target, with the rows of `source` merged in; nothing is written."""
    if target is not None and target.protocol != source.protocol:
        raise InputError(f"{path} is a board of {target.protocol!r} runs, not of {source.protocol!r}")
    recorded = read_records(path)
    there = {} if target is None else {row["run_id"]: row for row in records(target.frame)}
    new: dict[str, str] = {}
    conflicts: list[str] = []
    left_out = unknown = already = 0
    for line, row in zip(source.lines, records(source.frame), strict=True):
        if is_uncommitted(row) and not include_uncommitted:
            left_out += 1
            unknown += row["checkout"] == "unknown"
        elif row["run_id"] not in there:
            new[row["run_id"]] = line
        elif differences := _differences(row, there[row["run_id"]], source.protocol):
            conflicts.append(f"{path.name}, run {row['run_id']}: {differences}")
        else:
            already += 1
    lines = [*(target.lines if target else ()), *new.values()]
    content = assemble(path, source.protocol, lines) if new else None
    report = ScenarioReport(path.stem, len(new), already, left_out, unknown)
    unrecorded = (there.keys() | new.keys()) - recorded.keys()
    taken = {one: own_records[one] for one in unrecorded & own_records.keys()}
    return _Merge(path, content, report, tuple(conflicts), {**recorded, **taken} if taken else None)


def _differences(here: Row, there: Row, protocol: str) -> str:
    """The columns of a run's results that differ, with both values; empty if none does."""
    return ", ".join(
        f"{column.name} {to_text(column, here[column.name]) or 'empty'} here, "
        f"{to_text(column, there[column.name]) or 'empty'} there"
        for column in columns(protocol)
        if column.name not in NOT_RESULTS and here[column.name] != there[column.name]
    )


def _refuse(folder: Path, problems: Sequence[str]) -> None:
    if problems:
        raise InputError(f"the boards in {folder} have problems; nothing was published:\n{_listed(problems)}")


def _refuse_conflicts(folder: Path, conflicts: Sequence[str]) -> None:
    if conflicts:
        raise InputError(
            f"the same run has other results in {folder}; nothing was published. Find out which is right, "
            f"and remove the other:\n{_listed(conflicts)}"
        )


def _listed(texts: Sequence[str]) -> str:
    more = [f"… and {len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else []
    return "\n".join(f"  {text}" for text in [*texts[:_SHOWN], *more])

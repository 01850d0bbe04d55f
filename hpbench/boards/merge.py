"""Merges the rows and records of one board into those of another; nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hpbench.boards.cells import to_text
from hpbench.boards.check import contradictions_of_record
from hpbench.boards.counted import Row, is_uncommitted
from hpbench.boards.parse import Board, records
from hpbench.boards.record_file import Record
from hpbench.boards.schema import columns
from hpbench.boards.table import assemble
from hpbench.core.columns import MADE_BY
from hpbench.core.errors import InputError

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
class Merge:
    """What one board becomes.

    `content` is that of its file, None if no row is added; `records` are those of its rows, None if they stay
    as they are. `conflicts`: runs whose results differ, each in a line.
    """

    content: bytes | None
    report: ScenarioReport
    conflicts: tuple[str, ...]
    records: Mapping[str, Record] | None


def merge(
    source: Board,
    target: Board | None,
    path: Path,
    before: Mapping[str, Record],
    own_records: Mapping[str, Record],
    include_uncommitted: bool,
) -> Merge:
    """The board at `path`, the target, with the rows of `source` merged in.

    `before` are the target's records. A row gets its record from `own_records` only if it is that of this
    very run: the record's row is the same. Records in the target without a row, as a killed publish leaves
    them, are replaced or dropped. Raises InputError if the two are boards of different protocols.
    """
    protocol = source.protocol
    if target is not None and target.protocol != protocol:
        raise InputError(f"{path} is a board of {target.protocol!r} runs, not of {protocol!r}")
    there = {} if target is None else {row["run_id"]: row for row in records(target.frame)}
    new: dict[str, str] = {}
    taken: dict[str, Record] = {}
    conflicts: list[str] = []
    left_out = unknown = already = 0
    for line, row in zip(source.lines, records(source.frame), strict=True):
        own_id = row["run_id"]
        if is_uncommitted(row) and not include_uncommitted:
            left_out += 1
            unknown += row["checkout"] == "unknown"
        elif own_id in there:
            if differences := _differences(row, there[own_id], protocol):
                conflicts.append(f"{path.name}, run {own_id}: {differences}")
            already += 1
        else:
            new[own_id] = line
            if own_id in own_records:
                wrong = dict(contradictions_of_record(row, own_records[own_id]))
                conflicts += [
                    f"{path.name}, run {own_id}: {column} {text}"
                    for column, text in wrong.items()
                    if column not in NOT_RESULTS
                ]
                if not wrong:
                    taken[own_id] = own_records[own_id]
    for own_id in (there.keys() & own_records.keys()) - before.keys():
        if not any(contradictions_of_record(there[own_id], own_records[own_id])):
            taken[own_id] = own_records[own_id]
    recorded = {one: record for one, record in before.items() if one in there} | taken
    lines = [*(target.lines if target else ()), *new.values()]
    return Merge(
        content=assemble(path, protocol, lines) if new else None,
        report=ScenarioReport(path.stem, len(new), already, left_out, unknown),
        conflicts=tuple(conflicts),
        records=recorded if recorded.keys() != before.keys() or taken else None,
    )


def _differences(here: Row, there: Row, protocol: str) -> str:
    """The columns of a run's results that differ, with both values; empty if none does."""
    return ", ".join(
        f"{column.name} {to_text(column, here[column.name]) or 'empty'} here, "
        f"{to_text(column, there[column.name]) or 'empty'} there"
        for column in columns(protocol)
        if column.name not in NOT_RESULTS and here[column.name] != there[column.name]
    )

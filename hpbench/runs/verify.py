"""Runs a row of a board again and compares the figures."""

import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpbench import registry
from hpbench.boards.cells import same_cell
from hpbench.boards.counted import Row, entry_key, versions_of
from hpbench.boards.merge import NOT_RESULTS
from hpbench.core.columns import IDENTITY
from hpbench.core.errors import InputError
from hpbench.core.run import command_words
from hpbench.plan.compose import plan
from hpbench.protocols.table import PROTOCOLS
from hpbench.runs.execute import Record, execute
from hpbench.runs.judgement import DIFFERENT, SAME, Moved, judged

_MACHINE = (
    "device",
    "processor",
    "threads",
    "python_version",
    "torch_version",
    "numpy_version",
    "norse_version",
    "avalanche_version",
)
"""If these columns agree, a run gives the same figures to the last digit."""


@dataclass(frozen=True)
class Verdict:
    """The result of running a row again.

    `changed` has the columns that differ, with the old and the new value. `machine`: "the same", "another",
    or "unknown" if the row does not say on what it was made. `moved`: for a row that was not made on this
    machine, how far figures moved and how far they may.
    """

    verdict: str
    changed: Mapping[str, tuple[Any, Any]]
    machine: str
    moved: Mapping[str, Moved] = field(default_factory=dict)


def sample(rows: Sequence[Row], count: int, seed: int | None = None) -> list[Row]:
    """`count` rows drawn at random with equal probability; all of them if there are no more."""
    return random.Random(seed).sample(list(rows), min(count, len(rows)))


def verify(
    row: Row,
    board: Sequence[Row],
    *,
    data_root: Path | None = None,
    say: Callable[[str], None],
    report: Callable[[Any], None],
) -> Verdict:
    """Run `row` again in a temporary folder; `board` has all rows, for the spread over seeds.

    Raises InputError, before any training, for a row that cannot be run here: an unknown strategy, other
    versions or other data.
    """
    _check_versions(row)
    record = _again(row, data_root, say, report)
    again = record.row
    changed = {
        name: (there, again.get(name))
        for name, there in row.items()
        if name not in NOT_RESULTS and not same_cell(there, again.get(name))
    }
    machine = _machine(row, again)
    if not changed or machine == "the same":
        return Verdict(DIFFERENT if changed else SAME, changed, machine)
    others = [
        one
        for one in board
        if entry_key(one) == entry_key(row)
        and versions_of(one) == versions_of(row)
        and one["seed"] != row["seed"]
    ]
    verdict, moved = judged(row, again, changed, others, _test_samples(record))
    return Verdict(verdict, changed, machine, moved)


def _check_versions(row: Row) -> None:
    """Raise InputError if strategy, scenario or protocol are installed in other versions than the row's."""
    scenario = registry.find("scenarios", row["scenario"])
    strategy = registry.find("strategies", row["strategy"])
    protocol = PROTOCOLS[scenario.protocols[0]]
    here = {
        "scenario_version": scenario.version,
        "strategy_version": strategy.version,
        "protocol": protocol.name,
        "protocol_version": protocol.version,
    }
    _check_identity(row, here)


def _check_identity(row: Row, here: Mapping[str, Any]) -> None:
    """Raise InputError for the first column of the row's identity that differs from what is here."""
    for column in IDENTITY:
        name = column.name
        if name in here and str(here[name]) != str(row[name]):
            raise InputError(
                f"run {row['run_id']} cannot be run again here: {name} is {row[name]!r} in the row and "
                f"{here[name]!r} here"
            )


def _again(
    row: Row, data_root: Path | None, say: Callable[[str], None], report: Callable[[Any], None]
) -> Record:
    words = command_words(row)
    words += [f"threads={row['threads']}"] if row["threads"] else []
    words += [f"data_root={data_root}"] if data_root else []
    [run] = plan(words)
    with tempfile.TemporaryDirectory() as folder:
        return execute(
            run,
            Path(folder),
            force=True,
            say=say,
            report=report,
            check=lambda identity: _check_identity(row, identity),
            checkpoint_minutes=0,  # a row is verified by a whole run
        )


def _machine(row: Row, again: Row) -> str:
    if all(row.get(name) and row[name] == again[name] for name in _MACHINE):
        return "the same"
    return "another" if row.get("processor") else "unknown"


def _test_samples(record: Record) -> int | None:
    """The samples behind the accuracy of a run, from its row or its counts; None without them."""
    row, counts = record.row, record.details.get("confusion_by_experience")
    if "tested_samples" in row:
        return int(row["tested_samples"])
    if "episodes" in row:
        return int(row["episodes"] * row["n_way"] * row["queries"])
    return sum(sum(map(sum, one)) for one in counts) if counts else None

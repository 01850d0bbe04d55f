"""Runs a row of a board again and compares the figures."""

import math
import random
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpbench.board.cells import same_cell
from hpbench.board.counted import Row, entry_key
from hpbench.board.merge import NOT_RESULTS
from hpbench.core.columns import IDENTITY
from hpbench.core.errors import InputError
from hpbench.plan.compose import plan
from hpbench.runs.execute import execute

SAME, WITHIN, DIFFERENT = "the same", "within the spread of its seeds", "different"

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

_WIDTH = 3.0
"""Allowed difference of an accuracy from another machine, in standard deviations over seeds."""


@dataclass(frozen=True)
class Verdict:
    """The result of running a row again.

    `moved` has the columns that differ, with the old and the new value. `same_machine`: whether the columns
    on machine and libraries agree.
    """

    row: Row
    again: Row
    verdict: str
    moved: Mapping[str, tuple[Any, Any]]
    same_machine: bool


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

    Raises InputError for a row that cannot be run here: an unknown strategy, other versions or other data.
    """
    return _judged(row, _again(row, data_root, say, report), board)


def _again(
    row: Row, data_root: Path | None, say: Callable[[str], None], report: Callable[[Any], None]
) -> Row:
    words = [f"scenario={row['scenario']}", f"strategy={row['strategy']}", f"seed={row['seed']}"]
    words += row["overrides"].split()
    words += [f"threads={row['threads']}"] if row["threads"] else []
    words += [f"data_root={data_root}"] if data_root else []
    [run] = plan(words)
    with tempfile.TemporaryDirectory() as folder:
        again = execute(run, Path(folder), force=True, say=say, report=report).row
    for column in IDENTITY:
        if str(again[column.name]) != str(row[column.name]):
            raise InputError(
                f"run {row['run_id']} cannot be run again here: {column.name} is {row[column.name]!r} in the "
                f"row and {again[column.name]!r} here"
            )
    return again


def _judged(row: Row, again: Row, board: Sequence[Row]) -> Verdict:
    moved = {
        name: (there, again.get(name))
        for name, there in row.items()
        if name not in NOT_RESULTS and not same_cell(there, again.get(name))
    }
    same_machine = all(row.get(name) and row[name] == again[name] for name in _MACHINE)
    if not moved:
        return Verdict(row, again, SAME, moved, same_machine)
    spread = _spread(row, board)
    near = not same_machine and abs(row["accuracy"] - again["accuracy"]) <= _WIDTH * spread
    return Verdict(row, again, WITHIN if near else DIFFERENT, moved, same_machine)


def _spread(row: Row, board: Sequence[Row]) -> float:
    """Standard deviation of the accuracy over the seeds with this row's settings.

    With a single seed, the binomial standard deviation for the number of test samples.
    """
    seeds = [one["accuracy"] for one in board if entry_key(one) == entry_key(row)]
    if len(seeds) > 1:
        return statistics.stdev(seeds)
    samples = row.get("tested_samples") or row.get("episodes") or 1000
    return math.sqrt(row["accuracy"] * (1 - row["accuracy"]) / samples)

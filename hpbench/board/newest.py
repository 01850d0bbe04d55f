"""Which rows of a board count: of a run that was made by several sources, the one that finished last."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from hpbench.core.columns import IDENTITY

Row = Mapping[str, Any]

COMPARED = (
    "scenario",
    "scenario_version",
    "dataset",
    "dataset_sha256",
    "regime",
    "evaluated_on",
    "episodes_sha256",
)
"""Rows are comparable if they agree in these columns, and in the settings of the scenario."""


def newest(rows: Iterable[Row]) -> tuple[list[Row], dict[tuple[Any, ...], int]]:
    """The rows that count, and how many were left out per run of any source.

    Of rows that differ in their sources alone, the one that finished last counts. So it is with rows that
    were asked for in the same words and differ in their resolved settings too, if their sources differ: newer
    sources brought further settings or other defaults.
    """
    same_words: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        same_words[_words_key(row)].append(row)
    counted: list[Row] = []
    left_out: dict[tuple[Any, ...], int] = {}
    for versions in same_words.values():
        last = max(versions, key=_finished)
        same_run: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in versions:
            newer = row["source_hash"] != last["source_hash"]
            same_run[run_key(last if newer else row)].append(row)
        counted += [max(runs, key=_finished) for runs in same_run.values()]
        left_out |= {key: len(runs) - 1 for key, runs in same_run.items()}
    return counted, left_out


def run_key(row: Row) -> tuple[Any, ...]:
    """What a run is, whatever its sources."""
    return tuple(row[column.name] for column in IDENTITY if column.name != "source_hash")


def _words_key(row: Row) -> tuple[Any, ...]:
    """What was asked for: the overrides in place of all settings, and what a comparison needs."""
    asked = tuple(sorted(row["overrides"].split()))
    return (*(row.get(name) for name in COMPARED), row["strategy"], row["seed"], asked)


def _finished(row: Row) -> tuple[datetime.datetime, str]:
    """By time, whether it is written with Z or with +00:00; the id settles a draw."""
    return datetime.datetime.fromisoformat(row["finished"]), row["run_id"]

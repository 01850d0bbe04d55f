"""The committed rows: a change that moves no figure leaves the id of every one as it was."""

from pathlib import Path
from typing import Any

import pytest

from hpbench.boards.check import boards_in
from hpbench.boards.counted import versions_of
from hpbench.boards.parse import records
from hpbench.boards.record_file import read_records
from hpbench.boards.table import read
from hpbench.cli.board import Here
from hpbench.core.identity import run_id
from hpbench.plan.compose import plan

FOLDER = Path(__file__).parents[2] / "leaderboards"
BOARDS = [*boards_in(FOLDER), *boards_in(FOLDER / "tuning")]


def one_of_each() -> list[dict[str, Any]]:
    """A row of each strategy on each scenario, of their present versions: the one with the most settings."""
    here = Here()
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path in BOARDS:
        for row in records(read(path)):
            known = here.versions(row["scenario"], row["strategy"])
            key = row["scenario"], row["strategy"]
            if known == versions_of(row):
                found[key] = max(found.get(key, row), row, key=lambda one: len(one["overrides"]))
    return list(found.values())


@pytest.mark.parametrize("row", one_of_each(), ids=lambda row: f"{row['scenario']}-{row['strategy']}")
def test_todays_code_gives_a_committed_row_its_id(row: dict[str, Any]) -> None:
    words = [f"scenario={row['scenario']}", f"strategy={row['strategy']}", f"seed={row['seed']}"]
    [run] = plan([*words, *row["overrides"].split()])
    versions = Here().versions(row["scenario"], row["strategy"])
    assert versions is not None
    identity = row | {
        "overrides": run.overrides,
        "seed": run.seed,
        "scenario_version": versions.scenario,
        "strategy_version": versions.strategy,
        "protocol_version": versions.protocol,
    }
    assert run_id(identity) == row["run_id"]


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_records_belong_to_rows(path: Path) -> None:
    ids = set(read(path)["run_id"])
    assert set(read_records(path)) <= ids

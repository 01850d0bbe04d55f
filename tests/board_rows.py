"""Rows for the tests of the board: a valid one from the documented columns, changed where a test asks."""

import csv
import hashlib
import io
import multiprocessing
import statistics
from pathlib import Path
from typing import Any

from hpbench.boards.cells import to_text
from hpbench.boards.schema import columns
from hpbench.boards.table import add
from hpbench.core.identity import run_id

COLUMNS = columns("continual")
NAMES = [column.name for column in COLUMNS]

_TEXTS = {
    "scenario": "split_mnist",
    "scenario_version": "1",
    "dataset": "mnist5k",
    "dataset_sha256": hashlib.sha256(b"digits").hexdigest(),
    "strategy": "hp",
    "strategy_version": "1",
    "protocol": "continual",
    "protocol_version": "1",
    "overrides": "",
    "checkout": "clean",
    "commit": "0" * 40,
    "sources_hash": "0123456789abcdef",
    "head": "single",
    "finished": "2026-01-31T12:00:00Z",
    "regime": "class",
    "evaluated_on": "test",
    "trace_at_test": "frozen",
    "diverged": "",
    "own_code": "",
}
_BY_KIND = {"text": "word", "int": 3, "float": 0.1 + 0.2, "bool": False}


def make_row(**changes: Any) -> dict[str, Any]:
    """A valid continual row; its run_id follows from the rest unless it is given."""
    row: dict[str, Any] = {one.name: _TEXTS.get(one.name, _BY_KIND[one.kind]) for one in COLUMNS}
    row["prototype_share"] = None  # no prototypes
    row["fwt"] = None  # there is none in the class regime
    unknown = set(changes) - set(row)
    assert not unknown, unknown
    row |= changes
    return row | {"run_id": changes.get("run_id", run_id(row))}


def make_few_shot_row(**changes: Any) -> dict[str, Any]:
    """A valid row of the few-shot protocol."""
    texts = {
        **_TEXTS,
        "scenario": "omniglot",
        "dataset": "omniglot",
        "protocol": "few_shot",
        "n_way": 5,
        "k_shot": 1,
        "queries": 3,
        "episodes": 3,
        "right_by_episode": "3 4 5",
        "accuracy": 12 / 45,
        "episodes_sha256": _TEXTS["dataset_sha256"],
        "interval": 1.96 * (1 / 15) / 3**0.5,
        "meta_steps": 500,
        "kept_step": 500,
        "curve": "250:0.2500 500:0.3000",
    }
    few_shot = columns("few_shot")
    row: dict[str, Any] = {one.name: texts.get(one.name, _BY_KIND[one.kind]) for one in few_shot} | changes
    assert set(row) == {one.name for one in few_shot}
    return row | {"run_id": run_id(row)}


def of_episodes(right: str, queries: int) -> dict[str, Any]:
    """The columns that follow from the right queries of each episode, and how many queries one has."""
    shares = [int(one) / queries for one in right.split()]
    interval = 1.96 * statistics.stdev(shares) / len(shares) ** 0.5
    return {"right_by_episode": right, "accuracy": statistics.fmean(shares), "interval": interval}


def make_robustness_row(**changes: Any) -> dict[str, Any]:
    """A valid row of the robustness protocol."""
    texts = {
        **_TEXTS,
        "scenario": "noisy_mnist",
        "protocol": "robustness",
        "disturbance": "gaussian",
        "by_level": "gaussian:0:0.900000 gaussian:0.1:0.500000 salt:0.2:0.400000",
        "tested_samples": 10,
        "test_order": "data",
        "accuracy": 0.7,
        "mean_accuracy": 0.6,
        "clean_accuracy": 0.9,
        "relative_drop": 4 / 9,
        "area_under_curve": 0.7,
        "prototype_share": None,
        "strongest_attack": None,
        "masked_gradients": None,
    }
    robustness = columns("robustness")
    row: dict[str, Any] = {one.name: texts.get(one.name, _BY_KIND[one.kind]) for one in robustness} | changes
    assert set(row) == {one.name for one in robustness}
    return row | {"run_id": run_id(row)}


def make_board(path: Path, *rows: dict[str, Any]) -> bytes:
    """A board with these rows, and its content."""
    for row in rows:
        add(path, row)
    return path.read_bytes()


def raw_board(path: Path, *rows: dict[str, Any]) -> None:
    """A board's file written without the code under test's ordering or refusals; any text is a cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    described = columns(rows[0]["protocol"] if rows else "continual")
    writer.writerow([column.name for column in described])
    for row in rows:
        cells = ((column, row[column.name]) for column in described)
        writer.writerow([one if isinstance(one, str) else to_text(column, one) for column, one in cells])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue())


def put_cell(path: Path, line: int, column: str, text: str) -> None:
    """Change one cell by hand; lines count from 1, the header's."""
    lines = path.read_text().splitlines()
    cells = lines[line - 1].split(",")
    cells[NAMES.index(column)] = text
    lines[line - 1] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")


def processes() -> Any:
    """Processes that share nothing with this one, with the imports of the board done once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["hpbench.boards.publish", "hpbench.boards.readme", "pytest"])
    return context


def exit_codes(jobs: list[Any]) -> list[int | None]:
    """Run these processes at once; None for one that does not end in two minutes."""
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(120)
    return [job.exitcode for job in jobs]


def add_many(path: Path, barrier: Any, seeds: range) -> None:
    """What one of several writing processes does."""
    barrier.wait()
    for seed in seeds:
        add(path, make_row(seed=seed))

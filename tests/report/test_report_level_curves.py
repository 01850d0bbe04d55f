"""The picture of a run shows it among the rows that it may be compared with, and no others."""

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hpbench.board.schema import columns
from hpbench.board.table import add
from hpbench.core.identity import run_id
from hpbench.report import level_curves

_BY_KIND: dict[str, Any] = {"text": "word", "int": 3, "float": 0.5, "bool": False}


def row(data: str, **changes: Any) -> dict[str, Any]:
    """A row of the robustness protocol on these data."""
    found: dict[str, Any] = {one.name: _BY_KIND[one.kind] for one in columns("robustness")}
    found |= {
        "scenario": "noisy_mnist",
        "dataset": data,
        "dataset_sha256": hashlib.sha256(data.encode()).hexdigest(),
        "protocol": "robustness",
        "overrides": "",
        "checkout": "clean",
        "sources_hash": "0" * 16,
        "finished": "2026-01-31T12:00:00Z",
        "evaluated_on": "test",
        "disturbance": "salt",
        "by_level": "salt:0:0.500000 salt:0.1:0.500000",
        "tested_samples": 100,
        "test_order": "data",
        "selection": "last",
        "network": "hp",
        "device": "cpu",
        **changes,
    }
    return found | {"run_id": run_id(found)}


@pytest.mark.parametrize("own", [0, 1, 2, 3])
def test_a_run_is_drawn_among_the_rows_of_its_data_version_and_settings(
    own: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        row("mnist"),
        row("mnist5k"),
        row("mnist", scenario_version="2"),
        row("mnist", overrides="scenario.test_order=class"),
    ]
    board = tmp_path / "noisy_mnist.csv"
    for one in rows:
        add(board, one)
    drawn: dict[str, Any] = {}

    def note(groups: list[Any], label: str) -> bytes:
        drawn.update(groups=groups, label=label)
        return b""

    monkeypatch.setattr(level_curves, "level_picture", note)
    level_curves.run_picture(SimpleNamespace(row=rows[own], board=board))
    [group] = drawn["groups"]
    expected = (rows[own]["dataset"], rows[own]["scenario_version"], rows[own]["overrides"])
    assert (group.dataset, group.scenario_version, " ".join(group.overrides)) == expected
    assert drawn["label"] == group.labels[0]

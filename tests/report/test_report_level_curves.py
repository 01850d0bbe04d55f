"""The picture of a run shows it among the rows that it may be compared with, and no others."""

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from board_rows import make_robustness_row

from hpbench.boards.table import add
from hpbench.report import level_curves


def row(data: str, **changes: Any) -> dict[str, Any]:
    """A row of the robustness protocol on these data."""
    sha256 = hashlib.sha256(data.encode()).hexdigest()
    return make_robustness_row(dataset=data, dataset_sha256=sha256, **changes)


@pytest.mark.parametrize("own", [0, 1, 2, 3])
def test_a_run_is_drawn_among_the_rows_of_its_data_version_and_settings(
    own: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        row("mnist"),
        row("mnist5k"),
        row("mnist", scenario_version="2"),
        row("mnist", overrides="scenario.test_order=class", test_order="class"),
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

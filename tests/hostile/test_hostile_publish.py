"""A publish that is killed at any call that changes a file is completed by the next one."""

import itertools
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from board_rows import exit_codes, make_robustness_row, make_row, processes, raw_board
from killed import KILLED, die_at

from hpbench.boards.check import check_folder
from hpbench.boards.publish import publish
from hpbench.boards.record_file import packed, read_records, record_file
from hpbench.boards.table import read
from hpbench.core.files import write_atomically


def _at_once(_: int) -> None:
    """Instead of fsync, which takes most of the time, and which a killed process does not need."""


def _publish_until(number: int, mine: Path, shared: Path) -> None:
    """Publish, and die without a word before the call of this number that changes a file."""
    os.fsync = _at_once
    die_at(number, shared)
    publish(mine, shared)


def _record(row: dict[str, Any]) -> dict[str, Any]:
    """A record of a continual or a robustness run that bears out the rows of this file."""
    matrix = [[0.9, 0.1], [0.1, 0.5]]  # accuracies 0.3, incremental 0.6, forgetting 0.8
    counts = [[[1, 9], [0, 0]], [[0, 0], [5, 5]]]
    confusion = {"gaussian": {"0": [[9, 1], [0, 0]], "0.1": [[5, 5], [0, 0]]}}
    return {
        "row": row,
        "R": matrix,
        "before": None,
        "confusion_by_experience": counts,
        "confusion": confusion,
    }


RIGHT = {"accuracy": 0.3, "incremental_accuracy": 0.6, "forgetting": 0.8, "bwt": -0.8, "experiences": 2}


def _folder(folder: Path, *rows: dict[str, Any], records: bool = True) -> Path:
    """Boards of these rows, with their records as runs leave them."""
    for scenario in {row["scenario"] for row in rows}:
        raw_board(folder / f"{scenario}.csv", *(row for row in rows if row["scenario"] == scenario))
    for row in rows if records else ():
        write_atomically(folder / "runs" / row["run_id"] / "record.json", json.dumps(_record(row)))
    return folder


def _content(folder: Path) -> dict[str, bytes]:
    """The files of the folder by their path, but for hidden ones: locks, and temporary files of the dead."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return _folder(
        tmp_path / "mine", make_row(seed=1, **RIGHT), make_row(seed=2, **RIGHT), make_robustness_row()
    )


def test_a_publish_killed_at_any_call_is_completed_by_the_next(
    tmp_path: Path, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", _at_once)
    start = tmp_path / "start"
    publish(_folder(tmp_path / "theirs", make_row(seed=0, **RIGHT), make_robustness_row(seed=9)), start)
    undisturbed = Path(shutil.copytree(start, tmp_path / "undisturbed"))
    publish(mine, undisturbed)
    expected = _content(undisturbed)
    assert {"levels/noisy_mnist.csv", "records/split_mnist.jsonl.xz", "COLUMNS.md"} <= expected.keys()
    context = processes()
    for number in itertools.count(1):
        shared = Path(shutil.copytree(start, tmp_path / f"killed{number}"))
        job = context.Process(target=_publish_until, args=(number, mine, shared))
        [code] = exit_codes([job])
        if code == 0:
            break
        assert code == KILLED
        publish(mine, shared)
        assert (check_folder(shared), _content(shared)) == ([], expected), f"killed at call {number}"
    assert number > 20  # calls


@pytest.mark.parametrize("records", [True, False])
def test_a_record_that_a_killed_publish_left_goes_with_its_row(
    tmp_path: Path, mine: Path, records: bool
) -> None:
    """Two rows of the killed publish never came: one was run again meanwhile, the other is not here."""
    shared = tmp_path / "shared"
    publish(mine, shared)
    path = shared / "split_mnist.csv"
    raw_board(path, make_row(seed=1, **RIGHT))
    again = make_row(seed=2, **RIGHT, train_seconds=77.0)
    publish(_folder(tmp_path / "others", again, make_row(seed=3, **RIGHT), records=records), shared)
    assert check_folder(shared) == []
    found = read_records(path)
    assert (again["run_id"] in found) == records
    assert all(row["train_seconds"] == 77.0 for id_, row in _rows(found).items() if id_ == again["run_id"])
    assert list(read(path)["seed"]) == [1, 2, 3]


def _rows(records: Any) -> dict[str, Any]:
    return {one: record["row"] for one, record in records.items()}


def test_a_record_of_another_repetition_is_not_taken_for_a_row_that_is_there(tmp_path: Path) -> None:
    row = make_row(**RIGHT)
    shared = _folder(tmp_path / "shared", row, records=False)
    mine = _folder(tmp_path / "mine", row | {"train_seconds": 77.0})
    publish(mine, shared)
    assert (read_records(shared / "split_mnist.csv"), check_folder(shared)) == ({}, [])
    publish(_folder(tmp_path / "same", row), shared)
    assert _rows(read_records(shared / "split_mnist.csv")) == {row["run_id"]: row}
    assert check_folder(shared) == []


def test_a_row_whose_record_has_other_results_is_refused(tmp_path: Path) -> None:
    mine = _folder(tmp_path / "mine", make_row(**RIGHT))
    raw_board(mine / "split_mnist.csv", make_row(**RIGHT | {"accuracy": 0.31}))
    with pytest.raises(
        Exception, match=r"(?s)other results .*or in its record.*accuracy 0\.31, but"
    ) as caught:
        publish(mine, tmp_path / "shared")
    assert type(caught.value).__name__ == "InputError"
    assert _content(tmp_path / "shared") == {}


@pytest.mark.parametrize("stale", [b"old\n", b"\xff", b""])
def test_levels_that_are_stale_or_missing_are_written_whatever_is_published(
    tmp_path: Path, stale: bytes
) -> None:
    shared = tmp_path / "shared"
    publish(_folder(tmp_path / "noisy", make_robustness_row()), shared)
    path = shared / "levels" / "noisy_mnist.csv"
    right = path.read_bytes()
    path.write_bytes(stale)
    assert check_folder(shared) == [
        "levels/noisy_mnist.csv: does not follow from the board; publish writes it"
    ]
    other = _folder(tmp_path / "other", make_row(**RIGHT))
    publish(other, shared)
    assert (check_folder(shared), path.read_bytes()) == ([], right)
    path.unlink()
    publish(other, shared)
    assert path.read_bytes() == right


def test_levels_without_a_board_are_told(tmp_path: Path) -> None:
    shared = _folder(tmp_path, make_row(**RIGHT))
    write_atomically(shared / "levels" / "gone.csv", "x\n")
    assert check_folder(shared) == ["levels/gone.csv: there is no board gone.csv; remove the file"]


def test_records_without_any_row_are_dropped(tmp_path: Path) -> None:
    shared, row = tmp_path / "shared", make_row(seed=5, **RIGHT)
    path = shared / "split_mnist.csv"
    write_atomically(record_file(path), packed({row["run_id"]: _record(row)}))
    publish(_folder(tmp_path / "mine", make_row(**RIGHT)), shared)
    assert list(read_records(path)) == [make_row(**RIGHT)["run_id"]]

"""`hpbench board verify`: rows are run again, and what does not come out again is found."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hpbench.board.parse import records
from hpbench.board.table import add, read
from hpbench.core.identity import run_id

Command = Callable[..., object]


def edit(out: Path, **changes: object) -> dict[str, object]:
    """Change the one row of the board `toy` as a hand would, its id with it where that follows."""
    [row] = records(read(out / "toy.csv"))
    row |= changes
    row["run_id"] = run_id(row)
    (out / "toy.csv").unlink()
    shutil.rmtree(out / "runs", ignore_errors=True)
    add(out / "toy.csv", row)
    return row


def test_a_row_that_is_true_is_the_same_to_the_last_digit(
    hpbench: Command, toy_path: Path, out: Path
) -> None:
    before = (out / "toy.csv").read_bytes()
    ended = hpbench("board", "verify", "toy", "--out", out)
    assert (ended.code, ended.err) == (0, "")
    assert ": the same\n" in ended.out
    assert "1 of 1 rows run again, 0 different" in ended.out
    assert (out / "toy.csv").read_bytes() == before


def test_an_edited_accuracy_is_found_however_near(hpbench: Command, toy_path: Path, out: Path) -> None:
    [row] = records(read(out / "toy.csv"))
    edit(out, accuracy=row["accuracy"] - 1e-4)
    ended = hpbench("board", "verify", "toy", "--out", out)
    assert ended.code == 1
    assert ": different\n" in ended.out
    assert f"accuracy: {row['accuracy'] - 1e-4} in the row, {row['accuracy']} now" in ended.out


def test_a_row_from_another_machine_may_lie_within_the_spread(
    hpbench: Command, toy_path: Path, out: Path
) -> None:
    [row] = records(read(out / "toy.csv"))
    edit(out, accuracy=row["accuracy"] - 1e-3, processor="Another")
    add(out / "toy.csv", (other := row | {"seed": 9, "accuracy": 0.5}) | {"run_id": run_id(other)})
    ended = hpbench("board", "verify", "toy", run_id(row), "--out", out)
    assert ended.code == 0
    assert "within the spread of its seeds, made on another machine" in ended.out


def test_a_row_from_another_machine_that_is_far_off_is_different(
    hpbench: Command, toy_path: Path, out: Path
) -> None:
    edit(out, accuracy=0.1, processor="Another")
    assert hpbench("board", "verify", "toy", "--out", out).code == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"strategy_version": "7"}, "strategy_version is '7' in the row and '1' here"),
        ({"dataset_sha256": "0" * 64}, "dataset_sha256"),
        ({"strategy": "anne"}, "unknown strategy 'anne'"),
    ],
)
def test_a_row_that_cannot_be_run_here_is_told(
    hpbench: Command, toy_path: Path, out: Path, changes: dict[str, str], told: str
) -> None:
    edit(out, **changes)
    ended = hpbench("board", "verify", "toy", "--out", out)
    assert ended.code == 2
    assert told in ended.err


def test_a_run_that_is_not_there(hpbench: Command, out: Path) -> None:
    ended = hpbench("board", "verify", "toy", "0" * 16, "--out", out)
    assert ended.code == 2
    assert "there is no run" in ended.err

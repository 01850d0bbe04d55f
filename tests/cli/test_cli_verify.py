"""`hpbench board verify`: rows are run again, and what does not come out again is found."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hpbench.boards.parse import records
from hpbench.boards.table import add, read
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


def add_seeds(out: Path, row: dict[str, object], column: str, *figures: float) -> None:
    """Rows like `row` with other seeds, which have these figures."""
    for seed, figure in enumerate(figures, 7):
        other = row | {"seed": seed, column: figure}
        add(out / "toy.csv", other | {"run_id": run_id(other)})


def test_a_row_from_another_machine_may_lie_within_the_spread(
    hpbench: Command, toy_path: Path, out: Path
) -> None:
    [before] = records(read(out / "toy.csv"))
    right = before["accuracy"]
    row = edit(out, accuracy=right - 1e-3, processor="Another")
    add_seeds(out, before, "accuracy", right - 2e-3, right, right - 4e-3)
    ended = hpbench("board", "verify", "toy", row["run_id"], "--out", out)
    assert ended.code == 0
    assert "within the spread of its seeds, made on another machine" in ended.out
    assert f"accuracy: {right - 1e-3} in the row, {right} now" in ended.out
    assert "accuracy moved by 0.001, 0.005" in ended.out


@pytest.mark.parametrize("processor", ["Another", ""])
@pytest.mark.parametrize(
    ("column", "edited"),
    [("accuracy", 0.1), ("accuracy", 0.98), ("forgetting", 0.5), ("bwt", 0.5), ("incremental_accuracy", 0.9)],
)
def test_an_edited_figure_of_a_row_from_another_machine_is_found(
    hpbench: Command, toy_path: Path, out: Path, processor: str, column: str, edited: float
) -> None:
    [before] = records(read(out / "toy.csv"))
    row = edit(out, processor=processor, **{column: edited})
    measured = before[column]
    add_seeds(out, before, column, *(measured * one for one in (1, 0.999, 0.998)))
    ended = hpbench("board", "verify", "toy", row["run_id"], "--out", out)
    assert ended.code == 1
    place = "another machine" if processor else "a machine that the row does not name"
    assert f": different, made on {place}" in ended.out
    assert f"{column}: {edited} in the row, {measured} now" in ended.out


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"strategy_version": "7"}, "strategy_version is '7' in the row and '1' here"),
        ({"protocol_version": "0"}, "protocol_version is '0' in the row and '1' here"),
        ({"dataset_sha256": "0" * 64}, "dataset_sha256"),
        ({"strategy": "anne"}, "unknown strategy 'anne'"),
    ],
)
def test_a_row_that_cannot_be_run_here_is_told_before_anything_is_trained(
    hpbench: Command,
    toy_path: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, str],
    told: str,
) -> None:
    monkeypatch.setattr("hpbench.runs.continual.run", lambda *_: pytest.fail("it was trained"))
    edit(out, **changes)
    ended = hpbench("board", "verify", "toy", "--out", out)
    assert ended.code == 2
    assert "0 of 1 rows run again, 1 could not be, 0 different" in ended.out
    assert told in ended.err


def test_a_row_that_cannot_be_run_does_not_end_the_sample(
    hpbench: Command, toy_path: Path, out: Path
) -> None:
    [row] = records(read(out / "toy.csv"))
    earlier = row | {"strategy_version": "0"}
    add(out / "toy.csv", earlier | {"run_id": run_id(earlier)})
    for draw in range(3):
        ended = hpbench("board", "verify", "toy", "--draw", draw, "--out", out)
        assert ended.code == 2
        assert "1 of 2 rows run again, 1 could not be, 0 different" in ended.out
        assert f"{row['run_id']} ann" in ended.out
        assert f"not run again: {run_id(earlier)}: run {run_id(earlier)} cannot be run again" in ended.err


def test_a_run_that_is_not_there(hpbench: Command, out: Path) -> None:
    ended = hpbench("board", "verify", "toy", "0" * 16, "--out", out)
    assert ended.code == 2
    assert "there is no run" in ended.err

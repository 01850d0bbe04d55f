"""The check of a folder: ids from the row alone, order of rows, names of files."""

import pytest
from board_rows import make_row, put_cell, raw_board

from hpbench.boards.check import check_folder
from hpbench.boards.parse import load, records
from hpbench.core.columns import IDENTITY
from hpbench.core.errors import InputError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "split_mnist.csv"
    raw_board(path, *(make_row(seed=seed) for seed in (1, 2, 10)))
    return path


def test_nothing_is_wrong_with_a_good_folder(path):
    other = path.with_name("permuted_mnist.csv")
    raw_board(other, make_row(scenario="permuted_mnist"))
    path.with_name("README.md").write_text("# Leaderboards\n")
    path.with_name(".half.csv").write_text("a temporary file")
    assert check_folder(path.parent) == []


@pytest.mark.parametrize("column", [column.name for column in IDENTITY if column.name != "protocol"])
def test_id_is_recomputed_from_every_column_of_the_identity(path, column):
    other = {
        "seed": "7",
        "dataset_sha256": "0" * 64,
        "overrides": "strategy.lr=0.5",
    }
    put_cell(path, 3, column, other.get(column, "other"))
    assert any("line 3, column 'run_id'" in problem for problem in check_folder(path.parent))


def test_a_changed_id_is_told_with_the_right_one(path):
    right = make_row(seed=2)["run_id"]
    put_cell(path, 3, "run_id", "0" * 16)
    assert check_folder(path.parent) == [
        "split_mnist.csv: line 3, column 'run_id': '0000000000000000' does not follow from the row, "
        f"which gives {right!r}"
    ]


def test_a_changed_score_needs_no_new_id(path):
    put_cell(path, 3, "accuracy", "0.75")
    assert check_folder(path.parent) == []


def test_rows_of_another_scenario(path):
    path.rename(path.with_name("other.csv"))
    problems = check_folder(path.parent)
    assert len(problems) == 3
    assert problems[0].startswith("other.csv: line 2, column 'scenario': 'split_mnist'")
    assert "'other'" in problems[0]


def test_rows_out_of_order(path):
    raw_board(path, *(make_row(seed=seed) for seed in (10, 1, 2)))
    [problem] = check_folder(path.parent)
    assert problem.startswith("split_mnist.csv: line 3 should be line 2: rows are sorted by scenario_version")
    assert "seed" in problem


def test_all_boards_are_checked(path):
    put_cell(path, 2, "accuracy", "7")
    path.with_name("aaa.csv").write_text("")
    assert [problem.split(":")[0] for problem in check_folder(path.parent)] == ["aaa.csv", "split_mnist.csv"]


def test_no_folder(tmp_path):
    with pytest.raises(InputError, match="there is no leaderboard folder"):
        check_folder(tmp_path / "none")


def test_rows_of_ones_own_are_held_against_the_records_of_their_runs(hpbench, out):
    [board] = out.glob("*.csv")
    assert hpbench("board", "check", "--out", out).code == 0
    [row] = records(load(board).frame)
    raw_board(board, row | {"samples_to_90": 12.5})
    ended = hpbench("board", "check", "--out", out)
    assert ended.code == 2
    assert "line 2, column 'samples_to_90': 12.5, but the run's record has" in ended.err
    [record] = (out / "runs").glob("*/record.json")
    record.write_text("{")
    ended = hpbench("board", "check", "--out", out)
    assert ended.code == 2 and "record.json cannot be read" in ended.err

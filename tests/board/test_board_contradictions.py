"""What check finds without running anything: cells that the row, or its record, does not bear out."""

import json
import lzma

import pytest
from board_rows import make_few_shot_row, make_row

from hpbench.board.check import check_folder
from hpbench.board.record_file import read_records, record_file, write_records
from hpbench.board.table import add
from hpbench.core.errors import InputError
from hpbench.protocols.continual import CONTINUAL
from hpbench.protocols.few_shot import FEW_SHOT
from hpbench.protocols.robustness import ROBUSTNESS

MATRIX = [[0.75, 0.25], [0.5, 1.0]]
COUNTS = [[[1, 1], [1, 1]], [[2, 0], [0, 2]]]  # 2 of 4 and 4 of 4 right
RIGHT = {
    "accuracy": 0.75,
    "incremental_accuracy": 0.75,
    "forgetting": 0.25,
    "bwt": -0.25,
    "fwt": None,
    "experiences": 2,
}


def with_record(folder, **changes):
    """A board with one row, and the record of the run that it should be."""
    row = make_row(**RIGHT)
    path = folder / "split_mnist.csv"
    add(path, row | changes)
    record = {"row": row, "R": MATRIX, "before": None, "confusion_by_experience": COUNTS}
    write_records(path, {row["run_id"]: record})
    return path


def test_a_row_that_its_record_bears_out_passes(tmp_path):
    path = with_record(tmp_path)
    assert check_folder(tmp_path) == []
    assert read_records(path)[make_row(**RIGHT)["run_id"]]["R"] == MATRIX


UNEVEN = [[[1, 1], [1, 1]], [[1, 0], [0, 1]]]  # 2 of 4 and 2 of 2 right
POOLED = {**RIGHT, "accuracy": 4 / 6, "incremental_accuracy": (0.75 + 4 / 6) / 2}


@pytest.mark.parametrize("stated", [{"pooled": True}, {}])
def test_means_weighted_by_samples_edited_to_plain_ones_are_found(stated):
    record = {"row": POOLED, "R": MATRIX, "before": None, "confusion_by_experience": UNEVEN, **stated}
    found = CONTINUAL.contradictions_of_record
    assert list(found(POOLED, record)) == []
    assert [column for column, _ in found(RIGHT, record)] == ["accuracy", "incremental_accuracy"]


@pytest.mark.parametrize("stated", [{"pooled": False}, {}])
def test_plain_means_edited_to_weighted_ones_are_found(stated):
    record = {"row": RIGHT, "R": MATRIX, "before": None, "confusion_by_experience": UNEVEN, **stated}
    found = CONTINUAL.contradictions_of_record
    assert list(found(RIGHT, record)) == []
    assert [column for column, _ in found(POOLED, record)] == ["accuracy", "incremental_accuracy"]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"accuracy": 0.751}, "accuracy"),
        ({"incremental_accuracy": 0.7}, "incremental_accuracy"),
        ({"forgetting": 0.2}, "forgetting"),
        ({"fwt": 0.1}, "fwt"),
        ({"synops_acs": 1.0}, "synops_acs"),
    ],
)
def test_an_edited_figure_is_found_by_the_record(tmp_path, changes, column):
    with_record(tmp_path, **changes)
    problems = check_folder(tmp_path)
    assert problems and all(f"line 2, column {column!r}" in problem for problem in problems)


@pytest.mark.parametrize(
    ("changes", "column"),
    [({"finished": "2999-01-01T00:00:00Z"}, "finished"), ({"head": "multi"}, "head")],
)
def test_cells_that_contradict_each_other_are_found_without_a_record(tmp_path, changes, column):
    add(tmp_path / "split_mnist.csv", make_row(**changes))
    [problem] = check_folder(tmp_path)
    assert f"line 2, column {column!r}" in problem


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"accuracy": 0.3}, "accuracy"),
        ({"right_by_episode": "3 4"}, "right_by_episode"),
        ({"right_by_episode": "3 4 16"}, "right_by_episode"),
    ],
)
def test_few_shot_figures_follow_from_the_episodes(tmp_path, changes, column):
    row = make_few_shot_row(**changes)
    add(tmp_path / "omniglot.csv", row)
    assert list(FEW_SHOT.contradictions(row))
    assert any(f"column {column!r}" in problem for problem in check_folder(tmp_path))


ROBUST = {
    "by_level": "gaussian:0:0.900000 gaussian:0.1:0.500000 salt:0.2:0.400000",
    "tested_samples": 10,
    "disturbance": "gaussian",
    "accuracy": 0.7,
    "mean_accuracy": 0.6,
    "clean_accuracy": 0.9,
}


def test_robustness_figures_follow_from_the_levels():
    assert list(ROBUSTNESS.contradictions(ROBUST)) == []
    for column, value in (("accuracy", 0.71), ("mean_accuracy", 0.5), ("clean_accuracy", 0.8)):
        [(found, _)] = ROBUSTNESS.contradictions(ROBUST | {column: value})
        assert found == column
    edited = ROBUST["by_level"].replace("0.900000", "0.912345")
    assert any("no share" in text for _, text in ROBUSTNESS.contradictions(ROBUST | {"by_level": edited}))


def test_a_damaged_file_of_records_is_told(tmp_path):
    path = with_record(tmp_path)
    record_file(path).write_bytes(b"no xz")
    with pytest.raises(InputError, match=r"records/split_mnist\.jsonl\.xz cannot be read"):
        check_folder(tmp_path)


def test_the_same_records_make_the_same_file(tmp_path):
    path = with_record(tmp_path)
    content = record_file(path).read_bytes()
    write_records(path, dict(reversed(read_records(path).items())))
    assert record_file(path).read_bytes() == content
    assert json.loads(lzma.decompress(content))["R"] == MATRIX

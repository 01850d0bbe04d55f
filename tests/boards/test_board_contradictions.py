"""What check finds without running anything: cells that the row, or its record, does not bear out."""

import json
import lzma

import pytest
from board_rows import make_few_shot_row, make_robustness_row, make_row

from hpbench.boards.check import check_folder
from hpbench.boards.record_file import packed, read_records, record_file
from hpbench.boards.table import add
from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically
from hpbench.protocols import continual

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
    write_atomically(record_file(path), packed({row["run_id"]: record}))
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
    found = continual.CONTINUAL.contradictions_of_record
    assert list(found(POOLED, record)) == []
    assert [column for column, _ in found(RIGHT, record)] == ["accuracy", "incremental_accuracy"]


@pytest.mark.parametrize("stated", [{"pooled": False}, {}])
def test_plain_means_edited_to_weighted_ones_are_found(stated):
    record = {"row": RIGHT, "R": MATRIX, "before": None, "confusion_by_experience": UNEVEN, **stated}
    found = continual.CONTINUAL.contradictions_of_record
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


CONTINUAL = [
    ({"finished": "2999-01-01T00:00:00Z"}, "finished"),
    ({"head": "multi"}, "head"),
    ({"experiences": 1}, "forgetting"),
    ({"epochs": 7.0, "memory_samples": 0}, "epochs"),
    ({"samples_to_80": 9.0}, "samples_to_80"),
    ({"bwt": None}, "bwt"),
    ({"forgetting": 0.1, "bwt": -0.2}, "forgetting"),
    ({"forgetting": None, "bwt": None, "accuracy": 0.9}, "incremental_accuracy"),
    ({"fwt": 0.1}, "fwt"),
    ({"overrides": "scenario.regime=domain"}, "regime"),
    ({"overrides": "scenario.passes=9"}, "passes"),
    ({"overrides": "scenario.evaluate_on=validation"}, "evaluated_on"),
]

FEW_SHOT = [
    ({"accuracy": 0.3}, "accuracy"),
    ({"interval": 0.3}, "interval"),
    ({"right_by_episode": "3 4"}, "right_by_episode"),
    ({"right_by_episode": "3 4 16"}, "right_by_episode"),
    ({"curve": "500:0.3000 250:0.2500"}, "curve"),
    ({"curve": "250:0.3000"}, "curve"),
    ({"curve": ""}, "kept_step"),
    ({"kept_step": 400}, "kept_step"),
    ({"kept_step": 250, "validation_accuracy": 0.25}, "kept_step"),
    ({"validation_accuracy": None}, "validation_accuracy"),
    ({"validation_accuracy": 0.31}, "validation_accuracy"),
    ({"train_ways": None}, "train_ways"),
    ({"overrides": "scenario.n_way=20"}, "n_way"),
    ({"overrides": "scenario.k_shot=5"}, "k_shot"),
]

ROBUSTNESS = [
    ({"accuracy": 0.71}, "accuracy"),
    ({"mean_accuracy": 0.5}, "mean_accuracy"),
    ({"clean_accuracy": 0.8}, "clean_accuracy"),
    ({"clean_accuracy": 0.912345}, "clean_accuracy"),
    ({"relative_drop": 0.4}, "relative_drop"),
    ({"relative_drop": None}, "relative_drop"),
    ({"area_under_curve": 0.8}, "area_under_curve"),
    ({"area_under_curve": None}, "area_under_curve"),
    ({"by_level": "gaussian:0:0.912345 gaussian:0.1:0.500000 salt:0.2:0.400000"}, "by_level"),
    ({"by_level": "gaussian:0:0.900000 gaussian:0.1:0.500000 salt:1.5:0.400000"}, "by_level"),
    ({"strongest_attack": "0.1:sa_pgd:0.412"}, "strongest_attack"),
    ({"masked_gradients": False}, "masked_gradients"),
    (
        {
            "by_level": "gaussian:0:0.900000 gaussian:0.1:0.500000 strongest:0.2:0.400000",
            "strongest_attack": "0.1:sa_pgd:0.412",
        },
        "strongest_attack",
    ),
    ({"disturbance": "salt"}, "by_level"),
    ({"disturbance": "pepper"}, "by_level"),
    ({"epochs": 9.0}, "epochs"),
    ({"overrides": "scenario.test_order=class"}, "test_order"),
    ({"overrides": "scenario.disturbances=[gaussian]"}, "by_level"),
    ({"overrides": "scenario.levels=[0.0,0.2]"}, "by_level"),
]


@pytest.mark.parametrize(
    ("make", "changes", "column"),
    [
        (make, *case)
        for make, cases in (
            (make_row, CONTINUAL),
            (make_few_shot_row, FEW_SHOT),
            (make_robustness_row, ROBUSTNESS),
        )
        for case in cases
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_cells_that_contradict_each_other_are_found_without_a_record(tmp_path, make, changes, column):
    row = make(**changes)
    add(tmp_path / f"{row['scenario']}.csv", row)
    problems = check_folder(tmp_path)
    assert problems and all("line 2, column" in problem for problem in problems)
    assert any(f"line 2, column {column!r}" in problem for problem in problems)


@pytest.mark.parametrize("make", [make_row, make_few_shot_row, make_robustness_row])
def test_rows_without_contradictions_pass(tmp_path, make):
    row = make()
    add(tmp_path / f"{row['scenario']}.csv", row)
    assert check_folder(tmp_path) == []


def test_what_was_not_reached_or_not_measured_is_no_contradiction(tmp_path):
    all_wrong = {
        "by_level": "gaussian:0.5:0.000000",
        "accuracy": 0.0,
        "mean_accuracy": 0.0,
        "clean_accuracy": 0.0,
        "relative_drop": None,
        "area_under_curve": None,
        "overrides": "scenario.disturbances=[gaussian] scenario.levels=[0.5]",
    }
    untrained = {
        "meta_steps": 0,
        "kept_step": 0,
        "curve": "",
        "validation_accuracy": None,
        "train_ways": None,
        "train_shots": None,
    }
    own = "own_noise:7000:0.900000 own_noise:9000:0.500000 salt:0.2:0.400000"  # of a range not known here
    for number, row in enumerate(
        [
            make_robustness_row(**all_wrong),
            make_robustness_row(by_level=own, disturbance="own_noise", area_under_curve=0.7),
            make_few_shot_row(**untrained),
        ]
    ):
        add(tmp_path / str(number) / f"{row['scenario']}.csv", row)
        assert check_folder(tmp_path / str(number)) == []


@pytest.mark.filterwarnings("ignore:All-NaN")
@pytest.mark.parametrize(
    "damage",
    [
        lambda record: record.pop("R"),
        lambda record: record.update(R=[]),
        lambda record: record.update(R=[["x", 1], [1, 1]]),
        lambda record: record.update(R=[[float("nan")] * 2] * 2),
        lambda record: record.update(confusion_by_experience=[]),
        lambda record: record.update(confusion_by_experience=[[[0]], [[0]]]),
        lambda record: record.update(confusion_by_experience=7),
        lambda record: record.update(before="x"),
        lambda record: record["row"].update(accuracy=[]),
    ],
)
def test_a_damaged_record_is_told(tmp_path, damage):
    path = with_record(tmp_path)
    [(run, record)] = read_records(path).items()
    damage(record)
    write_atomically(record_file(path), packed({run: record}))
    problems = check_folder(tmp_path)
    assert problems and all(problem.startswith("split_mnist.csv: line 2, column") for problem in problems)


def test_a_damaged_file_of_records_is_told(tmp_path):
    path = with_record(tmp_path)
    record_file(path).write_bytes(b"no xz")
    with pytest.raises(InputError, match=r"records/split_mnist\.jsonl\.xz cannot be read"):
        check_folder(tmp_path)


def test_the_same_records_make_the_same_file(tmp_path):
    path = with_record(tmp_path)
    content = record_file(path).read_bytes()
    assert packed(dict(reversed(read_records(path).items()))) == content
    assert json.loads(lzma.decompress(content))["R"] == MATRIX

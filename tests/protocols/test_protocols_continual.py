"""The protocol as a whole on a small stream."""

from typing import Any

import pytest
from rich.console import Console
from stream import small_task

from hpbench.core.outcome import Outcome
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.supervised import supervised
from hpbench.protocols.continual import CONTINUAL
from hpbench.report.summary import print_summary
from hpbench.runs.continual import run
from hpbench.runs.seeding import seed_everything

COMMON_ROW = {"protocol": "continual", "scenario": "small", "strategy": "tested", "dataset": "small"}
SETTINGS = ContinualSettings(network="ann", hidden=[16], batch=10, lr=0.01)


def outcome(joint: bool = False, **stream: Any) -> Outcome:
    seed_everything(0)
    return run(
        lambda settings, task: supervised(settings, task, joint=joint),
        SETTINGS,
        small_task(passes=5, **stream),
        lambda progress: None,
    )


def test_fine_tuning_forgets_in_the_class_regime_and_less_in_the_task_regime() -> None:
    by_class, by_task = outcome(), outcome(regime="task")
    assert by_class.row["accuracy"] < 0.8
    assert by_class.row["forgetting"] > 0.3
    assert by_class.row["fwt"] is None
    assert by_task.row["accuracy"] > by_class.row["accuracy"]
    assert by_task.row["fwt"] is not None and by_task.row["task_identity_at_test"] is True


def test_joint_training_learns_everything_and_leaves_transfer_empty() -> None:
    joint = outcome(joint=True)
    assert joint.row["accuracy"] > 0.95
    assert joint.row["forgetting"] is joint.row["bwt"] is joint.row["fwt"] is None
    assert len(joint.details["R"]) == 1


def test_confusion_agrees_with_the_last_row_of_r() -> None:
    by_class = outcome()
    total = sum(map(sum, by_class.details["confusion"]))
    right = sum(by_class.details["confusion"][k][k] for k in range(4))
    assert right / total == pytest.approx(by_class.row["accuracy"])


def test_selection_on_validation_data_is_said_in_the_row() -> None:
    assert outcome(selection="validation").row["selection"] == "validation"


def test_every_column_of_the_protocol_is_filled_by_it() -> None:
    row = outcome().row
    assert {column.name for column in CONTINUAL.columns} <= set(row)
    empty = {column.name for column in CONTINUAL.columns if row[column.name] is None}
    assert empty == {"fwt", "prototype_share"}, "class regime, no prototypes"


def test_experiences_just_learned_at_chance_are_named_at_the_end_of_a_run() -> None:
    def unlearned(settings: Any, task: Any) -> Any:
        strategy = supervised(settings, task)
        strategy.optimizer.param_groups[0]["lr"] = 0.0
        return strategy

    ended = []
    for builder in (unlearned, supervised):
        seed_everything(0)
        found = run(builder, SETTINGS, small_task(passes=5), lambda progress: None)
        console = Console(record=True, width=200)
        print_summary(console, COMMON_ROW | found.row, found.details, ())
        ended.append((found.details["learned_at_chance"], " ".join(console.export_text().split())))
    (named, warned), (nothing, silent) = ended
    assert named and nothing == []
    numbers = ", ".join(map(str, named))
    assert f"{numbers} just after learning" in warned and "at or below chance (25.0%)" in warned
    assert "chance" not in silent


def test_chance_in_the_task_regime_is_that_of_one_head() -> None:
    assert outcome(regime="task").details["chance"] == 0.5

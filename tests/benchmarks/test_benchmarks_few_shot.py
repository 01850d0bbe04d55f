"""The few-shot benchmark compares forms that compute the same. Nothing here depends on time."""

from pathlib import Path
from typing import Any

import pytest
import torch

from hpbench.tasks.few_shot import Shape

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmarks are scripts beside the package, and the toy task lies with other tests."""
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "few_shot"))


@pytest.mark.parametrize("network", ["spiking", "tanh"])
def test_ours_and_the_literal_form_agree(
    network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from toy_characters import few_shot_task

    from benchmarks import few_shot, few_shot_literal
    from benchmarks.few_shot import awake, built, check

    task = few_shot_task(tmp_path)
    learner = built("hp", task, network, [8, 8, 8, 8] if network == "spiking" else [8, 8])
    awake(learner, task.train)
    check(learner, task.train)

    def wrong(learner: Any, support: Any, *others: Any) -> Any:
        return few_shot_literal.literal_scores(learner, support.flip(0), *others)

    monkeypatch.setattr(few_shot, "literal_scores", wrong)
    with pytest.raises(AssertionError):
        check(learner, task.train)
    for one in learner.network.parameters():
        torch.nn.init.zeros_(one)
    if network == "spiking":
        with pytest.raises(AssertionError, match="features are all 0"):
            check(learner, task.train)


def test_forms_that_differ_are_refused(tmp_path: Path) -> None:
    """In training, norms use the statistics of what is shown together: one image is not a batch."""
    from toy_characters import few_shot_task

    from benchmarks.few_shot import built, check

    task = few_shot_task(tmp_path)
    with pytest.raises((AssertionError, ValueError)):
        check(built("hp", task, "spiking", [4, 4]), task.train)


def test_every_way_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from toy_characters import few_shot_task

    from benchmarks import few_shot

    monkeypatch.setattr(few_shot, "ROUNDS", 1)
    monkeypatch.setattr(few_shot, "TEST_EPISODES", 5)
    task = few_shot_task(tmp_path)
    learner = few_shot.built("hp", task, "spiking", [4, 4])
    rows = few_shot.against_literal(learner, task, few_shot.FIVE, "hp")
    assert {(row["phase"], row["form"]) for row in rows} == {
        (phase, form) for phase in ("meta-training", "meta-test") for form in ("ours", "literal", "released")
    }
    assert all((row["ours_times_quicker"] == 1) == (row["form"] == "ours") for row in rows)
    theirs = few_shot.against_learn2learn(task, [4, 4], (Shape(6, 1, 2), Shape(4, 1, 2)))
    assert {row["form"] for row in theirs} == {"ours", "learn2learn"}

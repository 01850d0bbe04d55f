"""The few-shot protocol: what is trained, kept, tested and told."""

import random
from pathlib import Path
from typing import Any

import pytest
import torch
from toy_characters import classes, few_shot_task, quick

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.core.outcome import Outcome
from hpbench.few_shot.episodes import fixed_episodes
from hpbench.few_shot.meta_training import VALIDATION_SEED, Progress
from hpbench.few_shot.stored_learner import file_of, restore_learner
from hpbench.few_shot.testing import accuracies, mean_over_episodes, predictions
from hpbench.protocols.few_shot import FEW_SHOT
from hpbench.runs.few_shot import run
from hpbench.tasks.few_shot import Shape


def outcome(
    name: str,
    folder: Path,
    changes: dict[str, Any] | None = None,
    seen: list[Progress] | None = None,
    **task: Any,
) -> Outcome:
    entry = registry.find("strategies", name)
    settings = quick(registry.settings_class(entry, "few_shot"), **(changes or {}))
    torch.manual_seed(0)
    random.seed(0)
    reported = [] if seen is None else seen
    return run(registry.load(entry).few_shot, settings, few_shot_task(folder, **task), reported.append)


def test_a_row_has_all_columns_of_the_protocol(tmp_path: Path) -> None:
    row = outcome("hp", tmp_path).row
    assert {column.name for column in FEW_SHOT.columns} <= set(row)
    assert (row["n_way"], row["k_shot"]) == (4, 2)
    assert (row["train_ways"], row["train_shots"]) == (5, 1)
    assert row["meta_steps"] == 4
    assert row["kept_step"] in (2, 4)


def test_one_training_serves_all_shapes(tmp_path: Path) -> None:
    seen: list[Progress] = []
    first = outcome("protonet", tmp_path, seen=seen)
    assert [now.step for now in seen] == [1, 2, 3, 4]
    second = outcome("protonet", tmp_path, seen=seen, tested=Shape(6, 1, 2))
    assert len(seen) == 4  # not trained again
    assert second.details["training"] == first.details["training"]
    fresh = outcome("protonet", tmp_path / "elsewhere", tested=Shape(6, 1, 2))
    assert second.row["accuracy"] == fresh.row["accuracy"]
    assert second.row["right_by_episode"] == fresh.row["right_by_episode"]


@pytest.mark.parametrize("name", ["hp", "maml"])
def test_a_kept_learner_scores_as_the_one_that_was_trained(name: str, tmp_path: Path) -> None:
    first, second = (outcome(name, tmp_path) for _ in range(2))
    assert first.row["accuracy"] == second.row["accuracy"]


def test_other_data_do_not_take_a_kept_learner(tmp_path: Path) -> None:
    seen: list[Progress] = []
    outcome("protonet", tmp_path, seen=seen)
    outcome("protonet", tmp_path, seen=seen, dataset_sha256="1" * 64)
    assert len(seen) == 8


def test_a_damaged_file_is_trained_over(tmp_path: Path) -> None:
    first = outcome("protonet", tmp_path)
    file_of(few_shot_task(tmp_path)).write_bytes(b"PK no longer")
    assert outcome("protonet", tmp_path).row["accuracy"] == first.row["accuracy"]


def test_all_strategies_are_tested_on_the_same_episodes(tmp_path: Path) -> None:
    fingerprints = {
        outcome(name, tmp_path / name).row["episodes_sha256"] for name in ("hp", "protonet", "ncm", "gp")
    }
    assert len(fingerprints) == 1
    other = outcome("ncm", tmp_path, episode_seed=2).row["episodes_sha256"]
    assert other not in fingerprints


def test_the_kept_state_is_the_best_look(tmp_path: Path) -> None:
    """Steps that ruin the learner: the state before them is tested."""
    changes = {"lr": 30.0, "warm_up": 1.0, "meta_steps": 40, "validate_every": 1}
    found = outcome("protonet", tmp_path, changes, validation=classes(12, seed=2, ink=0.1))
    looks = found.details["training"]["looks"]
    best = max(look["accuracy"] for look in looks)
    assert found.row["validation_accuracy"] == best
    assert looks[found.row["kept_step"] - 1]["accuracy"] == best
    assert looks[-1]["accuracy"] < best
    # What is tested is that state: on the validation episodes it has that accuracy again.
    task = few_shot_task(tmp_path, validation=classes(12, seed=2, ink=0.1))
    entry = registry.find("strategies", "protonet")
    settings = quick(registry.settings_class(entry, "few_shot"))
    learner = registry.load(entry).few_shot(settings, task)
    assert restore_learner(learner, task) is not None
    episodes = fixed_episodes(task.validation, settings.validated, 10, VALIDATION_SEED, "validation")
    assert float(accuracies(predictions(learner, task.validation, episodes), episodes).mean()) == best


def test_patience_ends_training(tmp_path: Path) -> None:
    changes = {"lr": 0.0, "meta_steps": 40, "validate_every": 1, "patience": 3}
    row = outcome("protonet", tmp_path, changes).row
    assert row["meta_steps"] == row["kept_step"] + 3 < 40  # norms may still find a better look, weights not


def test_what_needs_no_training_has_none(tmp_path: Path) -> None:
    row = outcome("ncm", tmp_path).row
    assert row["meta_steps"] == 0
    assert row["train_ways"] is None
    assert row["accuracy"] > 0.9  # the patterns lie apart in pixels
    assert not list(tmp_path.iterdir())


def test_accuracy_is_that_of_the_episodes(tmp_path: Path) -> None:
    found = outcome("ncm", tmp_path, test=classes(12, seed=3, ink=0.1))
    right = torch.tensor([float(one) for one in found.row["right_by_episode"].split()])
    assert 0.2 < found.row["accuracy"] < 1
    assert found.row["accuracy"] == pytest.approx(float(right.mean()) / 12)
    # By hand: shares 0, 1, 1, 1 have the mean 3/4 and the standard deviation 1/2.
    mean = mean_over_episodes(torch.tensor([0.0, 1.0, 1.0, 1.0]))
    assert mean.value == 0.75
    assert mean.interval == pytest.approx(1.96 * 0.5 / 2)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"train_ways": 41}, "41 ways need as many classes, the training part has 40"),
        ({"train_shots": 7}, "7 shots and 3 queries need 10 samples of each class, the training part has 8"),
        ({"validation_ways": 13}, "13 ways need as many classes, the validation part has 12"),
    ],
)
def test_shapes_that_cannot_be_trained_are_refused(
    changes: dict[str, Any], told: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=told):
        outcome("protonet", tmp_path, changes)

"""Which runs share a meta-trained learner, and what becomes of files that do not fit."""

from pathlib import Path

import pytest
import torch
from toy import light_strategy_text, write_file
from toy_characters import few_shot_task, quick

from hpbench import registry
from hpbench.few_shot.learner import Learner
from hpbench.few_shot.meta_training import Training, Validation
from hpbench.few_shot.stored_learner import file_of, restore_learner, store_learner
from hpbench.plan.compose import plan
from hpbench.runs.perform import training_key

BASE = ("scenario=omniglot", "strategy=hp")


def key(*overrides: str) -> str:
    chosen = dict(word.split("=", 1) for word in (*BASE, *overrides))
    [run] = plan([f"{name}={value}" for name, value in chosen.items()])
    files = [registry.find("scenarios", run.scenario), registry.find("strategies", run.strategy)]
    return training_key(run, files, {"threads": run.threads})


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("strategies/mine.py", ("strategy=mine",)),
        ("strategies/helper.py", ("strategy=mine",)),
        ("scenarios/place.py", ("scenario=place", "strategy=ncm")),
    ],
)
def test_other_code_of_an_own_file_with_a_version_trains_anew(
    file: str, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPBENCH_PATH", str(tmp_path))
    write_file(tmp_path / "strategies" / "helper.py", "STEPS = 1\n")
    write_file(
        tmp_path / "strategies" / "mine.py",
        light_strategy_text().replace(
            "def continual", "from .helper import STEPS\n\nVERSION = '3'\n\n\ndef few_shot"
        ),
    )
    package = registry.find("scenarios", "glyphs").path
    write_file(tmp_path / "scenarios" / "place.py", package.read_text())
    before = key(*words)
    assert key(*words) == before
    with (tmp_path / file).open("a") as added:
        added.write("\nMORE = 2\n")
    assert key(*words) != before


@pytest.mark.parametrize(
    "override",
    [
        "scenario.n_way=20",
        "scenario.k_shot=5",
        "scenario.queries=5",
        "scenario.episodes=700",
        "scenario.episode_seed=9",
        "scenario.evaluate_on=validation",
    ],
)
def test_what_matters_at_test_alone_trains_nothing_anew(override: str) -> None:
    assert key(override) == key()


@pytest.mark.parametrize(
    "override",
    [
        "seed=1",
        "threads=2",
        "strategy=lp",
        "scenario=glyphs",
        "strategy.lr=0.5",
        "strategy.train_ways=20",
        "scenario.split=alphabets",
        "scenario.rotations=false",
    ],
)
def test_what_shapes_training_trains_anew(override: str) -> None:
    assert key(override) != key()


def learner(folder: Path, filters: int = 4) -> Learner:
    entry = registry.find("strategies", "protonet")
    settings = quick(registry.settings_class(entry, "few_shot"), filters=[filters])
    return registry.load(entry).few_shot(settings, few_shot_task(folder))


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    task = few_shot_task(tmp_path)
    training = Training([Validation(2, 0.5, 1.0, 0.7, 0.1)], steps=2, kept_step=2, seconds=0.5)
    kept = learner(tmp_path)
    store_learner(kept, training, task)
    other = learner(tmp_path)
    assert restore_learner(other, task) == training
    assert all(torch.equal(one, kept.state_dict()[name]) for name, one in other.state_dict().items())


def test_a_folder_that_cannot_be_written_loses_nothing_but_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "learners").write_text("no folder")
    task = few_shot_task(tmp_path / "learners")
    store_learner(learner(tmp_path), Training(), task)
    assert "the next run will train anew" in caplog.text
    assert restore_learner(learner(tmp_path), task) is None


def test_a_file_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    task = few_shot_task(tmp_path)
    store_learner(learner(tmp_path, filters=3), Training(), task)
    found = torch.load(file_of(task), weights_only=True)
    fresh = learner(tmp_path)
    before = {name: one.clone() for name, one in fresh.state_dict().items()}
    shifted = {name: one + 1 for name, one in list(before.items())[:-1]}
    for state in (found["state"], shifted):
        torch.save({**found, "state": state}, file_of(task))
        assert restore_learner(fresh, task) is None
        assert all(torch.equal(one, before[name]) for name, one in fresh.state_dict().items())


def test_asked_to_train_anew_only_what_this_process_made_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = few_shot_task(tmp_path, train_anew=True)
    store_learner(learner(tmp_path), Training(steps=3), task)
    assert restore_learner(learner(tmp_path), task) == Training(steps=3)
    monkeypatch.setattr("hpbench.core.stored_state._stored_here", set())
    assert restore_learner(learner(tmp_path), task) is None

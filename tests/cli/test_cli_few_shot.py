"""The few-shot protocol from the command line, on glyphs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpbench.boards.table import read

Command = Callable[..., Any]
QUICK = (
    "scenario=glyphs",
    "scenario.episodes=600",
    "strategy.filters=[4,4,4]",
    "strategy.meta_steps=4",
    "strategy.train_ways=10",
    "strategy.validate_every=2",
    "strategy.validation_episodes=10",
)


def test_a_sweep_over_shapes_trains_once_and_leaves_rows_records_pictures(
    hpbench: Command, tmp_path: Path
) -> None:
    swept = (*QUICK, "strategy=hp", "scenario.n_way=5,20", "--out", tmp_path)
    ended = hpbench("run", *swept)
    assert ended.code == 0, ended.err
    assert "5-way 1-shot, 600 test episodes, meta-trained 10-way 1-shot" in ended.out
    board = read(tmp_path / "glyphs.csv")
    assert sorted(board["n_way"]) == [5, 20]
    assert board["train_seconds"].nunique() == 1
    assert set(board["network"]) == {"spiking"}
    assert {len(one.split()) for one in board["right_by_episode"]} == {600}
    for run_id in board["run_id"]:
        record = json.loads((tmp_path / "runs" / run_id / "record.json").read_text())
        assert [look["step"] for look in record["training"]["looks"]] == [2, 4]
        assert (tmp_path / "runs" / run_id / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert hpbench("board", "check", "--out", tmp_path).code == 0
    assert "skipped" in hpbench("run", *swept).out
    again = hpbench("run", *swept, "--force")
    assert again.code == 0
    assert read(tmp_path / "glyphs.csv")["accuracy"].tolist() == board["accuracy"].tolist()


def test_a_stored_learner_is_kept_later_without_new_training(
    hpbench: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (*QUICK, "strategy=protonet", "--out", tmp_path)
    assert hpbench("run", *words).code == 0
    board = (tmp_path / "glyphs.csv").read_bytes()

    def refuse(*_: Any) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr("hpbench.runs.few_shot.meta_train", refuse)
    ended = hpbench("run", *words, "save=model")
    assert ended.code == 0, ended.err
    [model] = tmp_path.glob("runs/*/model.safetensors")
    assert ended.out.rstrip().endswith(f"skipped (repeat it with --force); model in {model}")
    assert (tmp_path / "glyphs.csv").read_bytes() == board
    shown = hpbench("evaluate", model, "scenario.n_way=5,20", "--out", tmp_path).out
    assert "600 episodes, 5-way 1-shot" in shown
    assert "600 episodes, 20-way 1-shot" in shown


def test_the_ranking_shows_what_few_shot_rows_have(hpbench: Command, tmp_path: Path) -> None:
    for strategy in ("ncm", "protonet"):
        chosen = QUICK[:2] if strategy == "ncm" else QUICK
        assert hpbench("run", *chosen, f"strategy={strategy}", "--quiet", "--out", tmp_path).code == 0
    shown = hpbench("board", "glyphs", "--out", tmp_path).out
    assert "forgetting" not in shown
    assert "trained" in shown


def test_show_has_the_settings_of_both_protocols(hpbench: Command) -> None:
    shown = hpbench("show", "strategy=hp").out
    assert "under continual and robustness" in shown
    assert "under few_shot" in shown
    assert "binding_current" in shown
    shown = hpbench("show", "strategy=hp", "scenario=glyphs").out
    assert "prototype_share" not in shown
    assert "binding_current" in shown


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("scenario=glyphs", "strategy=ncm", "scenario.n_way=300"),
            "300 ways need as many classes, the test part has",
        ),
        (
            ("scenario=glyphs", "strategy=ncm", "scenario.k_shot=15"),
            "15 shots and 10 queries need 25 samples",
        ),
        (("scenario=glyphs", "strategy=ncm", "scenario.split=alphabet"), "did you mean 'alphabets'?"),
        (
            ("scenario=glyphs", "strategy=replay"),
            "cannot be run on 'glyphs', which needs the protocol 'few_shot'",
        ),
        (("scenario=glyphs", "strategy=protonet", "strategy.lr=x"), "strategy.lr=x"),
        (
            ("scenario=glyphs", "strategy=hp", "strategy.train_ways=65"),
            "needs as many outputs: raise strategy.outputs",
        ),
        (("scenario=omniglot", "scenario.dataset=omniglot", "strategy=ncm"), "Omniglot is not in"),
    ],
)
def test_bad_input_is_told_in_a_line(
    hpbench: Command, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    ended = hpbench("run", *words, "--quiet", "--out", tmp_path)
    assert ended.code == 2
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert not list(tmp_path.glob("*.csv"))

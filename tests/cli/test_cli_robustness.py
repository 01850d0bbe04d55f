"""The robustness protocol at the command line: runs, boards with their curves, pictures, refusals."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from event_files import curves
from toy import PATTERNS

from hpbench.core.levels import from_text

TOY = f'''"""Toy noise: four classes of 8x8 patterns, disturbed."""

from dataclasses import dataclass

import numpy as np

from hpbench.data.images.image_data import ImageData
from hpbench.streams.disturbed_images import ImageRobustnessSettings, image_task
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"


@dataclass
class Settings(ImageRobustnessSettings):
    """Training and disturbances."""


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Make the patterns, the same ones every time."""
{PATTERNS}

    return image_task(ImageData("toy", *part(60), *part(15), source="made up"), settings, resources)
'''

QUICK = ("strategy.hidden=[32]", "strategy.batch=20", "scenario.passes=3", "scenario.time_steps=4")


@pytest.fixture
def noise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "toy_noise.py").write_text(TOY)
    monkeypatch.setenv("HPBENCH_PATH", str(folder))
    return folder


@pytest.mark.usefixtures("noise")
def test_a_run_shows_levels_and_leaves_row_record_and_curves(
    hpbench: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "board"
    words = ("scenario=toy_noise", "strategy=hp,gp", *QUICK, "--out", out)
    ended = hpbench("run", *words, "scenario.disturbances=[gaussian,fgsm]")
    assert ended.code == 0, ended.err
    for said in ("gaussian", "fgsm", "clean accuracy", "60 samples of the test part, trace at test frozen"):
        assert said in ended.out
    board = pd.read_csv(out / "toy_noise.csv")
    assert board["by_level"].str.startswith("gaussian:0:").all()
    for run in board["run_id"]:
        assert (out / "runs" / run / "picture.png").read_bytes().startswith(b"\x89PNG")
        assert (out / "runs" / run / "record.json").exists()
    again = hpbench("run", *words, "scenario.disturbances=[gaussian,fgsm]")
    assert again.out.count("skipped") == 2
    shown = hpbench("board", "toy_noise", "--out", out)
    assert "clean %" in shown.out and "Accuracy against level" not in shown.out
    assert not (out / "toy_noise.png").exists(), "drawing takes seconds: only if asked for"
    shown = hpbench("board", "toy_noise", "--picture", "--out", out)
    assert "clean %" in shown.out and "Accuracy against level in" in shown.out
    assert (out / "toy_noise.png").read_bytes().startswith(b"\x89PNG")
    assert hpbench("board", "check", "--out", out).code == 0


DRIFT = (
    TOY.replace("disturbed_images", "drifting_images")
    .replace("ImageRobustnessSettings", "DriftSettings")
    .replace("image_task", "drifting_task")
)


def test_a_stream_that_drifts_goes_from_run_to_board_and_its_model_is_tested_in_streams_alone(
    hpbench: Callable[..., Any], noise: Path, tmp_path: Path
) -> None:
    (noise / "toy_drift.py").write_text(DRIFT)
    out, words = tmp_path / "board", ("strategy=hp:streaming", *QUICK, "save=model")
    ended = hpbench("run", "scenario=toy_drift", *words, "--out", out)
    assert ended.code == 0, ended.err
    for said in ("one_after_another", "gaussian_steps", "gaussian_gradual", "trace at test stream"):
        assert said in ended.out
    [row] = pd.read_csv(out / "toy_drift.csv").to_dict("records")
    assert (out / "runs" / row["run_id"] / "picture.png").exists()
    shown = hpbench("board", "toy_drift", "--picture", "--out", out)
    assert "clean %" in shown.out and (out / "toy_drift.png").exists()
    assert hpbench("board", "check", "--out", out).code == 0
    again = hpbench("evaluate", row["run_id"], "--out", out, "--json", tmp_path / "figures.json")
    assert again.code == 0, again.err
    [found] = json.loads((tmp_path / "figures.json").read_text())["evaluations"]
    assert found["by_level"] == row["by_level"]
    refused = hpbench(
        "evaluate", row["run_id"], "scenario=split_mnist", "scenario.dataset=mnist5k", "--out", out
    )
    assert refused.code == 2
    assert "strategy.trace_at_test=stream" in refused.err and "robustness protocol" in refused.err
    refused = hpbench("run", "scenario=split_mnist", "strategy=hp:streaming", "--dry-run")
    assert "trace_at_test=stream adapts a trained network" in refused.out + refused.err


@pytest.mark.usefixtures("noise")
def test_published_rows_come_in_long_form_too(hpbench: Callable[..., Any], tmp_path: Path) -> None:
    out, target = tmp_path / "board", tmp_path / "public"
    target.mkdir()
    hpbench("run", "scenario=toy_noise", "strategy=gp", *QUICK, "scenario.disturbances=[salt]", "--out", out)
    assert hpbench("board", "publish", target, "--include-uncommitted", "--out", out).code == 0
    long = pd.read_csv(target / "levels" / "toy_noise.csv")
    assert list(long["disturbance"].unique()) == ["salt"]
    assert len(long) == 7
    row = pd.read_csv(target / "toy_noise.csv").iloc[0]
    assert long["accuracy"].mean() == pytest.approx(row["accuracy"], abs=1e-6)
    assert hpbench("board", "check", "--out", target).code == 0
    path = target / "levels" / "toy_noise.csv"
    path.write_text(path.read_text().replace("salt,0.02", "salt,0.03"))
    checked = hpbench("board", "check", "--out", target)
    assert checked.code == 2 and "levels/toy_noise.csv: does not follow from the board" in checked.err


@pytest.mark.usefixtures("noise")
def test_a_picture_of_what_a_scenario_does(hpbench: Callable[..., Any], tmp_path: Path) -> None:
    words = ("scenario=toy_noise", "scenario.disturbances=[salt,occlusion]", "--picture", "--out", tmp_path)
    ended = hpbench("show", *words)
    assert ended.code == 0, ended.err
    assert (tmp_path / "toy_noise_sample.png").read_bytes().startswith(b"\x89PNG")
    refused = hpbench("show", "strategy=hp", "--picture")
    assert (refused.code, refused.out) == (2, "")
    assert "scenario= is missing" in refused.err
    refused = hpbench("show", "scenario=split_mnist", "--picture")
    assert refused.code == 2 and "split_mnist has no disturbances; these have: " in refused.err


@pytest.mark.usefixtures("noise")
@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("scenario.disturbances=[gausian]", "did you mean 'gaussian'"),
        ("scenario.disturbances=[]", "name at least one"),
        ("scenario.levels=[11]", "level 11 of gaussian: expected a value between 0 and 10"),
        ("scenario.test_order=random", "data"),
        ("strategy=protonet", "needs the protocol 'robustness'"),
        ("strategy.adversarial_epsilon=2", "between 0 and 1"),
    ],
)
def test_bad_input_is_refused_in_words(
    hpbench: Callable[..., Any], tmp_path: Path, word: str, said: str
) -> None:
    words = ["scenario=toy_noise", "strategy=hp", *QUICK]
    if word.startswith("strategy="):
        words = ["scenario=toy_noise"]
    ended = hpbench("run", *words, word, "--out", tmp_path / "board")
    assert ended.code == 2
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "board" / "toy_noise.csv").exists()


@pytest.mark.usefixtures("noise")
def test_a_kept_network_reaches_its_accuracies_again_and_a_log_has_them(
    hpbench: Callable[..., Any], tmp_path: Path
) -> None:
    words = ("scenario=toy_noise", "strategy=gp", *QUICK, "scenario.disturbances=[gaussian,fgsm]")
    ended = hpbench("run", *words, "save=model", "log=tensorboard", "--out", tmp_path)
    assert ended.code == 0, ended.err
    [folder] = (tmp_path / "runs").iterdir()
    row = json.loads((folder / "record.json").read_text())["row"]
    written = tmp_path / "figures.json"
    again = hpbench("evaluate", folder.name, "--out", tmp_path, "--json", written)
    assert again.code == 0, again.err
    [found] = json.loads(written.read_text())["evaluations"]
    for name in ("by_level", "accuracy", "clean_accuracy", "area_under_curve", "relative_drop"):
        assert found[name] == row[name]
    other = hpbench("evaluate", folder.name, "scenario.disturbances=[salt]", "--out", tmp_path)
    assert "salt" in other.out
    logged = curves(folder / "tensorboard")
    levels = [accuracy for _, accuracy in logged["accuracy_by_level/gaussian"]]
    assert levels == pytest.approx(list(from_text(row["by_level"])["gaussian"].values()))
    assert any(name.startswith("Loss_MB/train") for name in logged)

"""hpbench evaluate: a kept model on its own and on other data, from the command line."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from board_rows import make_board, make_row
from PIL import Image
from toy import QUICK

Command = Callable[..., Any]


@pytest.fixture
def shared(kept: Callable[[str], Path], toy_path: Path) -> Path:
    """The board's folder of a run of ann on the toy scenario that kept its model; not to be written to."""
    return kept("ann")


@pytest.fixture
def run_id(shared: Path) -> str:
    [folder] = (shared / "runs").iterdir()
    return folder.name


def test_a_run_says_where_its_model_lies(hpbench: Command, toy_path: Path, tmp_path: Path) -> None:
    ended = hpbench("run", "scenario=toy", "strategy=ann", *QUICK, "save=model", "--out", tmp_path)
    assert ended.code == 0, ended.err
    [model] = tmp_path.glob("runs/*/model.safetensors")
    assert ended.out.rstrip().endswith(f"model in {model}")


def test_a_model_is_found_by_its_run_and_tested_as_the_run_was(
    hpbench: Command, shared: Path, run_id: str, tmp_path: Path
) -> None:
    out = shared
    record = json.loads((out / "runs" / run_id / "record.json").read_text())
    written = tmp_path / "figures.json"
    moved = shutil.copytree(out / "runs" / run_id, tmp_path / "elsewhere")
    for name in (run_id, run_id[:6], moved, moved / "model.safetensors"):
        ended = hpbench("evaluate", name, "--out", out, "--json", written)
        assert ended.code == 0, ended.err
        assert f"ann, trained on toy (run {run_id}), tested on toy (toy, test part)" in ended.out
        [found] = json.loads(written.read_text())["evaluations"]
        assert found["accuracy"] == record["row"]["accuracy"]
        assert found["R"] == record["R"][-1:]


def test_settings_of_the_scenario_may_differ_and_be_swept(
    hpbench: Command, shared: Path, run_id: str
) -> None:
    ended = hpbench("evaluate", run_id, "scenario.evaluate_on=test,validation", "--out", shared)
    assert ended.code == 0, ended.err
    assert ended.out.count("ACC: mean accuracy") == 2
    assert "(toy, validation part)" in ended.out


def test_own_images_are_classified_by_folder(
    hpbench: Command, shared: Path, run_id: str, tmp_path: Path
) -> None:
    from hpbench import registry
    from hpbench.plan.compose import plan
    from hpbench.tasks.resources import Resources

    [run] = plan(["scenario=toy", "strategy=ann"])
    task = registry.load(registry.find("scenarios", "toy")).build(
        run.scenario_settings, Resources(None, "cpu", print)
    )
    for part in task.test:
        for number, (image, target) in enumerate(zip(part.inputs, part.targets.tolist(), strict=True)):
            folder = tmp_path / "own" / str(target)
            folder.mkdir(parents=True, exist_ok=True)
            pixels = np.rint(255 * image.view(8, 8).numpy()).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.png")
    written = tmp_path / "figures.json"
    ended = hpbench("evaluate", run_id, f"images={tmp_path / 'own'}", "--out", shared, "--json", written)
    assert ended.code == 0, ended.err
    [found] = json.loads(written.read_text())["evaluations"]
    record = json.loads((shared / "runs" / run_id / "record.json").read_text())
    assert found["accuracy"] == record["row"]["accuracy"]
    assert "class 3: " in ended.out
    (tmp_path / "own" / "3").rename(tmp_path / "own" / "three")
    assert hpbench("evaluate", run_id, f"images={tmp_path / 'own'}", "--out", shared).code == 0
    (tmp_path / "own" / "2").rename(tmp_path / "two")
    ended = hpbench("evaluate", run_id, f"images={tmp_path / 'own'}", "--out", shared)
    assert ended.code == 2
    assert "3 folders (0, 1, three) for the 4 classes" in ended.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ffff",), "there is no run 'ffff' in"),
        (("nowhere/model.safetensors",), "there is no model at nowhere/model.safetensors"),
        (("RUN", "seed=3"), "'seed=3': expected scenario=NAME, images=FOLDER"),
        (
            ("RUN", "images=a", "scenario=toy"),
            "expected one of scenario=, images=, episodes=, pairs=, got several",
        ),
        (("RUN", "images="), "images= has no value"),
        (("RUN", "images=nowhere"), "nowhere is not there: expected a folder with a folder of images"),
        (("RUN", "scenario=toys"), "unknown scenario 'toys': did you mean 'toy'?"),
        (("RUN", "scenario=split_mnist"), "trained for inputs of shape (64,), the scenario has (784,)"),
        (("RUN", "scenario.regime=domain"), "trained for outputs: 4, the scenario has 2"),
        (
            ("RUN", "scenario.regime=task"),
            "trained for heads, one for each task (regime): none, the scenario has 2",
        ),
        (("RUN", "scenario=glyphs"), "has fixed classes: choose a continual or robustness scenario"),
        (("RUN", "episodes=mine"), "mine is not there: expected a folder of episodes"),
        (("RUN", "pairs=mine", "scenario.n_way=3"), "scenario.n_way=3 has no effect with pairs="),
        (("RUN", "device=tpu"), "device=tpu"),
    ],
)
def test_bad_input_is_one_message(
    words: tuple[str, ...], message: str, hpbench: Command, shared: Path, run_id: str
) -> None:
    ended = hpbench("evaluate", *(run_id if one == "RUN" else one for one in words), "--out", shared)
    assert ended.code == 2
    assert message in ended.err
    assert ended.err.count("\n") == 1


def test_a_run_without_a_model_names_the_command_that_keeps_it(hpbench: Command, out: Path) -> None:
    [folder] = (out / "runs").iterdir()
    ended = hpbench("evaluate", folder.name, "--out", out)
    assert ended.code == 2
    assert f"the model of run {folder.name} was not kept: hpbench run scenario=toy strategy=ann " in ended.err
    assert ended.err.endswith("save=model\n")
    name = folder.name
    shutil.rmtree(folder)
    assert f"the model of run {name} was not kept: hpbench run" in hpbench("evaluate", name, "--out", out).err


def test_a_beginning_of_two_ids_is_refused(hpbench: Command, tmp_path: Path) -> None:
    rows = [make_row(seed=seed) for seed in range(17)]  # two ids at least have their first digit in common
    make_board(tmp_path / "toy.csv", *rows)
    first = Counter(row["run_id"][0] for row in rows).most_common(1)[0][0]
    ids = sorted(row["run_id"] for row in rows if row["run_id"][0] == first)
    said = hpbench("evaluate", first, "--out", tmp_path).err
    assert f"{len(ids)} runs in {tmp_path} begin with '{first}': " in said
    assert all(one in said for one in ids[:5])

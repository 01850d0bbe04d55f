"""The Python interface: runs, earlier runs, boards, scenarios and strategies without files."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest
import torch
from toy import strategy_text, write_file

import hpbench
from hpbench import InputError, made
from hpbench.made import code_of
from hpbench.plan.compose import plan
from hpbench.sweeps.executor import Task
from hpbench.sweeps.sent import Sent

QUICK = "strategy.batch=10 strategy.lr=0.002 strategy.loss=cross_entropy"
LEADERBOARDS = Path(__file__).parents[2] / "leaderboards"


def small_network(task: Any) -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, task.outputs))


def patterns(per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    shapes = np.random.RandomState(0).rand(4, 8, 8) < 0.3
    labels = np.repeat(np.arange(4), per_class)
    noise = np.random.RandomState(seed).rand(len(labels), 8, 8)
    return 0.8 * shapes[labels] + 0.2 * noise, labels


@pytest.fixture(autouse=True)
def nothing_made() -> Iterator[None]:
    """What a test makes is unknown to the next."""
    yield
    made._made.clear()


@pytest.fixture
def blobs() -> Any:
    return hpbench.scenario_from_arrays("blobs", patterns(50, 1), patterns(10, 2), experiences=2)


def test_importing_hpbench_imports_nothing_heavy() -> None:
    code = "import sys, hpbench; dir(hpbench); print({'torch', 'numpy', 'rich'} & sys.modules.keys())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
    with pytest.raises(AttributeError, match="it has InputError, board, load, run"):
        _ = hpbench.runs_


def test_arrays_and_a_network_are_run_without_a_file(blobs: Any, tmp_path: Path) -> None:
    mine = hpbench.strategy_from_module("mine", small_network)
    results = hpbench.run(QUICK, scenario=blobs, strategy=mine, seeds=range(2), out=tmp_path)
    assert [one.row["seed"] for one in results] == [0, 1] and not results.failures
    frame = results.frame
    assert list(frame["strategy"]) == ["mine", "mine"] and (frame["accuracy"] > 0.4).all()
    assert list(frame["own_code"]) == ["strategy none, scenario none"] * 2
    assert results.plot().png.startswith(b"\x89PNG") and results[0].plot().png.startswith(b"\x89PNG")
    scores = results[0].model(torch.zeros(3, 64))
    assert scores.shape == (3, 4) and not results[0].model.training
    with pytest.raises(hpbench.InputError, match=r"2 runs: take the model of one of them, results\[0\]"):
        _ = results.model
    again = hpbench.run(QUICK, scenario=blobs, strategy=mine, seeds=[1], out=tmp_path)
    assert again.record == json.loads((results[1].folder / "record.json").read_text())
    assert torch.equal(again.model(torch.ones(1, 64)), results[1].model(torch.ones(1, 64)))
    loaded = hpbench.load(results[1].run_id[:6], tmp_path)
    assert loaded.row == again[0].row and repr(loaded) == repr(again[0])


def test_what_cannot_be_run_is_an_input_error(blobs: Any, tmp_path: Path) -> None:
    for words, says in (
        ("strategy=nothing", "unknown strategy 'nothing'"),
        ("strategy=ann workers=0", "workers=0"),
        ("strategy=ann seed=-1", "seed=-1"),
    ):
        with pytest.raises(hpbench.InputError, match=says):
            hpbench.run(words, scenario=blobs, out=tmp_path)
    with pytest.raises(hpbench.InputError, match="there is no run 'abc'"):
        hpbench.load("abc", tmp_path)
    with pytest.raises(hpbench.InputError, match="expected uint8 or floats"):
        hpbench.scenario_from_arrays("ints", (np.zeros((2, 8, 8), int), [0, 1]), patterns(1, 0))
    with pytest.raises(hpbench.InputError, match="is no name"):
        hpbench.strategy_from_module("my net", small_network)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["split_mnist", "", "a-b", "3", 3, None, "x" * 65])
def test_names_that_are_taken_or_that_no_row_can_have_are_refused(name: Any) -> None:
    with pytest.raises(InputError, match=r"choose another name|is no name"):
        hpbench.scenario_from_arrays(name, patterns(5, 1), patterns(5, 2), experiences=2)
    with pytest.raises(InputError, match=r"choose another name|is no name"):
        hpbench.strategy_from_module("gp" if name == "split_mnist" else name, small_network)


@pytest.mark.parametrize("experiences", [0, -2, 2.5])
def test_experiences_that_are_no_number_from_1_on_are_refused(experiences: Any, tmp_path: Path) -> None:
    mine = hpbench.scenario_from_arrays("few", patterns(5, 1), patterns(5, 2), experiences=experiences)
    with pytest.raises(InputError, match="expected a whole number from 1 on"):
        hpbench.run(QUICK, scenario=mine, strategy="ann", out=tmp_path)


def test_an_empty_folder_is_refused() -> None:
    for call in (
        lambda: hpbench.run("scenario=split_mnist strategy=gp", out=""),
        lambda: hpbench.load("a", " "),
    ):
        with pytest.raises(InputError, match="out is empty"):
            call()


def test_a_failure_is_raised_and_not_printed(toy_path: Path, tmp_path: Path) -> None:
    write_file(toy_path / "strategies" / "failing.py", strategy_text("raise RuntimeError('no spikes')"))
    code = f"""
import hpbench
try:
    hpbench.run("scenario=toy strategy=failing {QUICK} strategy.hidden=[8]", out={str(tmp_path / "out")!r})
except Exception as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "no spikes" in done.stdout and done.stderr == ""


def test_a_failure_of_one_run_leaves_the_others(blobs: Any, tmp_path: Path) -> None:
    hpbench.strategy_from_module("broken", lambda task: torch.nn.Linear(3, task.outputs))
    results = hpbench.run(f"strategy=ann,broken {QUICK}", scenario=blobs, out=tmp_path)
    assert [one.row["strategy"] for one in results] == ["ann"]
    [(words, error)] = results.failures.items()
    assert "strategy=broken" in words and "strategy 'broken' failed" in str(error)


def test_what_was_made_is_performed_in_another_process(blobs: Any) -> None:
    hpbench.strategy_from_module("mine", small_network)
    [run] = plan(["scenario=blobs", "strategy=mine", *QUICK.split(), "seed=3"])
    travels = cloudpickle.dumps(Sent.of(Task(1, run)))
    here = Task(1, run).perform(lambda line: None, lambda progress: None)
    made._made.clear()
    there = cloudpickle.loads(travels).perform(lambda line: None, lambda progress: None)
    assert there.row["run_id"] == here.row["run_id"]
    assert there.details["R"] == here.details["R"]
    assert cloudpickle.loads(cloudpickle.dumps(there)).trained is None


def test_the_version_of_a_network_follows_its_code() -> None:
    def one(task: Any) -> Any:
        return small_network(task)

    def other(task: Any) -> Any:
        return torch.nn.Linear(64, task.outputs)

    assert code_of(one) == code_of(one) != code_of(other)


def test_a_kept_model_is_loaded_without_warnings_of_libraries(
    kept: Callable[[str], Path], toy_path: Path
) -> None:
    out = kept("gp")
    [folder] = (out / "runs").iterdir()
    code = f"import hpbench; hpbench.load({folder.name!r}, {str(out)!r}).model"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_published_boards_are_frames() -> None:
    frame = hpbench.board("split_mnist", LEADERBOARDS)
    assert {"strategy", "accuracy", "run_id"} <= set(frame.columns) and len(frame) > 10
    with pytest.raises(hpbench.InputError, match="did you mean 'split_mnist'"):
        hpbench.board("split_mnits", LEADERBOARDS)

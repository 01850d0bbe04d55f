"""Models kept by runs of the toy scenario: what is in their files, and what comes back."""

import dataclasses
import json
import platform
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from toy import QUICK, QUICK_BY_STRATEGY, files, strategy_text, write_file

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.kept.model import load_model
from hpbench.kept.model_file import model_bytes, read_model
from hpbench.plan.compose import plan
from hpbench.runs import model_kept
from hpbench.runs.evaluated import on_task
from hpbench.runs.execute import Record, execute
from hpbench.runs.model_kept import NotKeptError
from hpbench.runs.perform import training_key
from hpbench.tasks.resources import Resources

KEPT = {
    "hp": (),
    "gp": ("strategy.prototypes=true", "strategy.expansion=50"),
    "lp": (
        "scenario.regime=task",
        "strategy.prototypes=true",
        "strategy.neuron=spike_response",
        "scenario.encoding=poisson",
    ),
    "decolle": ("scenario.regime=task",),
    "slda": (),
    "icarl": (),
}
"""Strategies that hold what they know in different places, and further words of their runs."""


def run_toy(out: Path, *words: str, force: bool = False, said: list[str] | None = None) -> Record:
    [run] = plan(["scenario=toy", *words])
    say = print if said is None else said.append
    return execute(run, out, force=force, say=say, report=lambda _: None)


def toy_task(*words: str) -> object:
    [run] = plan(["scenario=toy", "strategy=gp", *words])
    module = registry.load(registry.find("scenarios", "toy"))
    return module.build(run.scenario_settings, Resources(None, "cpu", print))


@pytest.fixture
def own(kept: Callable[[str], Path], toy_path: Path, tmp_path: Path) -> Record:
    """A run of ann with its model, in a folder of the test's own."""
    return run_toy(shutil.copytree(kept("ann"), tmp_path / "out"), "strategy=ann", *QUICK)


def model_at(record: Record) -> Path:
    assert record.model is not None
    return record.model


@pytest.mark.parametrize("strategy", KEPT)
def test_a_model_built_again_tests_as_the_trained_one(strategy: str, toy_path: Path, tmp_path: Path) -> None:
    chosen = () if strategy == "decolle" else QUICK_BY_STRATEGY.get(strategy, QUICK)
    words = (f"strategy={strategy}", *chosen, *KEPT[strategy])
    record = run_toy(tmp_path, *words, "save=model")
    torch.manual_seed(5)  # what is drawn before must not matter
    model = load_model(model_at(record))
    assert not model.module.training
    of_scenario = [word for word in KEPT[strategy] if word.startswith("scenario.")]
    found = on_task(model, toy_task(*of_scenario))  # type: ignore[arg-type]
    if "scenario.encoding=poisson" not in words:  # whose spikes are drawn anew
        assert found.columns["accuracy"] == record.row["accuracy"]
        assert found.details["confusion_by_experience"] == record.details["confusion_by_experience"]
    assert model.module(torch.rand(3, 64)).shape == (3, 4)


def test_the_file_says_what_it_is_and_nothing_of_the_machine(own: Record) -> None:
    path = model_at(own)
    assert path == own.folder / "model.safetensors"
    assert json.loads((own.folder / "record.json").read_text())["model"] == path.name
    with safe_open(path, framework="pt") as opened:
        described = json.loads(opened.metadata()["hpbench"])
    assert described["run_id"] == own.row["run_id"]
    assert described["settings"]["strategy"] == dataclasses.asdict(own.run.strategy_settings)
    assert described["settings"]["scenario"]["regime"] == "class"
    assert (described["seed"], described["dataset"], described["protocol"]) == (0, "toy", "continual")
    assert described["task"]["input_shape"] == [64]
    assert described["task"]["outputs"] == 4
    assert {"torch", "hpbench", "norse"} <= set(described["versions"])
    content = path.read_bytes()
    for word in (platform.node(), str(Path.cwd()), str(own.folder)):
        assert word.encode() not in content


def test_saving_changes_neither_the_run_nor_its_training(toy_path: Path) -> None:
    plain, saved = plan(["scenario=toy", "strategy=ann"]) + plan(
        ["scenario=toy", "strategy=ann", "save=model"]
    )
    entries = [registry.find("scenarios", "toy"), registry.find("strategies", "ann")]
    assert plain.overrides == saved.overrides
    assert training_key(plain, entries, {}) == training_key(saved, entries, {})
    assert str(plain) == str(saved)


def test_a_model_trained_with_other_threads_is_used(toy_path: Path, tmp_path: Path) -> None:
    record = run_toy(tmp_path, "strategy=ann", *QUICK, "threads=2", "save=model")
    torch.set_num_threads(1)
    assert on_task(load_model(model_at(record)), toy_task()).columns["accuracy"] == record.row["accuracy"]  # type: ignore[arg-type]


def test_a_run_on_the_board_gets_its_model_and_keeps_its_row(toy_path: Path, tmp_path: Path) -> None:
    words = ("strategy=ann", *QUICK)
    first = run_toy(tmp_path, *words)
    assert first.model is None
    before = files(tmp_path)
    again = run_toy(tmp_path, *words, "save=model")
    assert not again.fresh
    assert again.row["finished"] == first.row["finished"]
    after = files(tmp_path)
    names = {name for name in after if after[name] != before.get(name)}
    run = f"runs/{first.row['run_id']}"
    assert names == {f"{run}/model.safetensors", f"{run}/record.json"}
    assert load_model(model_at(again)).described["accuracy"] == first.row["accuracy"]
    stamp = model_at(again).stat().st_mtime_ns
    assert model_at(run_toy(tmp_path, *words, "save=model")).stat().st_mtime_ns == stamp


def test_a_repeated_run_leaves_no_model_of_the_run_before(own: Record) -> None:
    path = model_at(own)
    again = run_toy(own.board.parent, "strategy=ann", *QUICK, force=True)
    assert again.fresh and again.model is None and not path.exists()
    assert "model" not in again.details


def test_a_model_that_cannot_be_written_costs_no_row(
    toy_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise InputError("the disk is full")

    monkeypatch.setattr(model_kept, "write_atomically", full)
    with pytest.raises(NotKeptError, match=r"the disk is full.*is safe in"):
        run_toy(tmp_path, "strategy=ann", *QUICK, "save=model")
    record = run_toy(tmp_path, "strategy=ann", *QUICK)
    assert not record.fresh
    assert record.model is None


OUTSIDE = """import torch

    class Shifted(torch.nn.Sequential):
        shift = 0.0
        def forward(self, inputs):
            if self.training:
                self.shift = self.shift + 1.0
            return super().forward(inputs.flatten(1)) * self.shift

    return supervised(settings, task, Shifted(torch.nn.Linear(64, task.outputs)))
"""


def test_a_strategy_with_knowledge_outside_its_network_is_not_kept(toy_path: Path, tmp_path: Path) -> None:
    write_file(toy_path / "outside.py", strategy_text(OUTSIDE))
    with pytest.raises(NotKeptError, match="holds something outside its network"):
        run_toy(tmp_path, "strategy=outside", "save=model")
    assert not run_toy(tmp_path, "strategy=outside").fresh


def test_a_strategy_that_needs_the_data_to_be_built_is_not_kept(toy_path: Path, tmp_path: Path) -> None:
    write_file(toy_path / "greedy.py", strategy_text("assert task.train[0].inputs.max() > 0, 'no data'"))
    with pytest.raises(NotKeptError, match=r"cannot be built without the data \(AssertionError: no data\)"):
        run_toy(tmp_path, "strategy=greedy", "save=model")


def other_version(described: dict) -> None:
    described["strategy_version"] = "0.5"


def other_format(described: dict) -> None:
    described["format"] = 2


def unknown_setting(described: dict) -> None:
    described["settings"]["strategy"]["wings"] = 2


def no_strategy(described: dict) -> None:
    described["strategy"] = "icarus"


def other_width(described: dict) -> None:
    described["settings"]["strategy"]["hidden"] = [7]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (other_version, r"version 0.5, here is .*train again with save=model"),
        (other_format, "has format 2, this version of hpbench reads up to 1"),
        (unknown_setting, "wings"),
        (no_strategy, "unknown strategy 'icarus'"),
        (other_width, "tensors do not fit the network that the settings describe"),
    ],
)
def test_a_model_of_something_else_is_refused(
    change: Callable[[dict], None], message: str, own: Record
) -> None:
    path = model_at(own)
    described, state = read_model(path)
    change(described)
    save_file(state, path, {"hpbench": json.dumps(described)})
    with pytest.raises(InputError, match=message):
        load_model(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is damaged"), (b"\x80\x05 pickle?" * 9, "is damaged"), (None, "it is not there")],
)
def test_a_damaged_file_is_named(content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_model(path)


def test_half_a_file_and_one_of_another_program_are_refused(own: Record, tmp_path: Path) -> None:
    half = tmp_path / "half.safetensors"
    half.write_bytes(model_at(own).read_bytes()[:-40])
    with pytest.raises(InputError, match="is damaged"):
        load_model(half)
    foreign = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.ones(2)}, foreign)
    with pytest.raises(InputError, match="was not written by hpbench"):
        load_model(foreign)


def test_a_state_with_more_than_tensors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than tensors"):
        model_bytes({}, {"weight": torch.ones(1), "extra": {"a": 1}})


def test_a_classifier_takes_images_as_they_are(own: Record) -> None:
    model = load_model(model_at(own))
    part = toy_task().test[0]  # type: ignore[attr-defined]
    images = part.inputs.view(-1, 8, 8)
    expected = model.module(part.inputs).argmax(1).tolist()
    assert model.predict(images) == expected
    assert model.predict([one.repeat(2, 0).repeat(2, 1) for one in images.numpy()]) == expected
    assert model.inputs(images).equal(part.inputs)

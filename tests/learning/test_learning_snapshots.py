"""Snapshots: when they are taken, what is in them, and that they change nothing."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from stream import small_task
from test_learning_baselines import module_of, settings_of

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.core.outcome import Outcome
from hpbench.learning.snapshot_file import Snapshot, snapshots_in
from hpbench.learning.snapshots import Snapshots, angle, due, snapshots_into
from hpbench.runs.continual import run
from hpbench.runs.seeding import seed_everything

STRATEGIES = [one.name for one in registry.entries("strategies") if "continual" in one.protocols]


def outcome(name: str, log: Snapshots | None = None, **changes: Any) -> Outcome:
    seed_everything(0)
    settings = settings_of(name, **changes)
    return run(module_of(name).continual, settings, small_task(), lambda progress: None, log=log)


def snapshots(name: str, folder: Path, **changes: Any) -> list[Snapshot]:
    outcome(name, Snapshots(folder), **changes)
    return snapshots_in(folder)


@pytest.mark.parametrize("name", STRATEGIES)
def test_they_change_no_figure_of_any_strategy(name: str, tmp_path: Path) -> None:
    plain, watched = outcome(name), outcome(name, Snapshots(tmp_path))
    assert watched.details["R"] == plain.details["R"]
    assert watched.details["curve"] == plain.details["curve"]
    assert not watched.trained or all(
        torch.equal(one, other)
        for one, other in zip(
            watched.trained.state_dict().values(), plain.trained.state_dict().values(), strict=True
        )
    )


def test_they_are_taken_at_the_start_and_ever_more_rarely() -> None:
    assert [step for step in range(1001) if due(step)] == [0, 10, 20, 50, 100, 200, 500, 1000]


def test_the_first_has_the_initial_tensors_and_the_names_of_the_trained_module(tmp_path: Path) -> None:
    whole = outcome("hp", Snapshots(tmp_path), prototypes=True).trained
    first, *_ = snapshots_in(tmp_path)
    assert (first.step, first.samples) == (0, 0)
    assert set(first.state()) == set(whole.state_dict())
    seed_everything(0)
    initial = module_of("hp").continual(settings_of("hp", prototypes=True), small_task()).model.state_dict()
    for name, one in initial.items():
        assert torch.equal(first.state()[f"model.{name}"], one), name


def test_backpropagation_lies_at_no_angle_to_itself(tmp_path: Path) -> None:
    for one in snapshots("gp", tmp_path):
        assert one.angles
        assert max(one.angles.values()) < 1e-3


@pytest.mark.parametrize("name", ["fa", "dfa", "drtp", "eprop", "ottt", "sltt"])
def test_other_rules_differ_in_hidden_layers_alone(name: str, tmp_path: Path) -> None:
    for one in snapshots(name, tmp_path, hidden=[30], batch=10):
        hidden, output = (one.angles[f"layers.{number}.cell.linear.weight"] for number in (0, 1))
        assert (output < 1e-3) == (name != "sltt")  # which leaves out traces everywhere
        assert hidden > 0.01


def test_rules_that_move_the_weights_at_every_step_are_compared_as_a_whole(tmp_path: Path) -> None:
    found = snapshots("decolle", tmp_path, hidden=[30], batch=10)
    assert [one.step for one in found] == [0, 10]
    assert all(0 < value < 180 for one in found for value in one.angles.values())


def test_angles() -> None:
    one = torch.tensor([[3.0, 0.0], [0.0, 0.0]])
    assert angle(one, 2 * one) == 0
    assert angle(one, -one) == 180
    assert angle(one, torch.tensor([[1.0, 0.0], [1.0, 0.0]])) == pytest.approx(45)
    assert math.isnan(angle(one, torch.zeros(2, 2)))


def test_earlier_ones_are_removed_and_damaged_ones_told(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    (folder / "0000010.safetensors").write_bytes(b"of an earlier run")
    with pytest.raises(InputError, match=r"is no snapshot of a run .*: run again with log=snapshots"):
        snapshots_in(folder)
    with snapshots_into(folder):
        assert snapshots_in(folder) == []
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(InputError, match="log=snapshots: cannot write"),
        snapshots_into(tmp_path / "file" / "log"),
    ):
        pass

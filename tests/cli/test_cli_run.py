"""What `hpbench run` writes and says."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from toy import QUICK, QUICK_BY_STRATEGY, files, write_file

from hpbench import registry
from hpbench.boards.check import check_folder
from hpbench.boards.schema import columns
from hpbench.boards.table import read

MEASURED_BY_CLOCK = {"train_seconds", "test_seconds", "peak_memory_mb", "peak_gpu_memory_mb", "finished"}
STRATEGIES = [one.name for one in registry.entries("strategies") if "continual" in one.protocols]
ONLY = {"icarl": "class"}
"""The regime of strategies that refuse the others."""
TOY = ("scenario=toy", *QUICK)


def rows(out: Path) -> list[dict[str, Any]]:
    return read(out / "toy.csv").to_dict("records")


def only_run(out: Path) -> Path:
    [folder] = (out / "runs").iterdir()
    return folder


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_keeps_the_contract(
    name: str, hpbench: Callable, toy_path: Path, tmp_path: Path
) -> None:
    """It learns above chance, records all columns, and repeats itself to the last bit."""
    regime = ONLY.get(name, "task")
    quick = QUICK_BY_STRATEGY.get(name, QUICK)
    words = ["run", "scenario=toy", f"strategy={name}", f"scenario.regime={regime}", *quick, "seed=1"]
    words += ["--quiet", "--out"]
    for folder in ("one", "two"):
        assert hpbench(*words, tmp_path / folder).code == 0
    [row], [again] = rows(tmp_path / "one"), rows(tmp_path / "two")
    assert row["accuracy"] > 0.7, "chance is 0.5, or 0.25 in the class regime"
    assert list(row) == [column.name for column in columns("continual")]
    same = [key for key in row if key not in MEASURED_BY_CLOCK]
    assert {key: repr(row[key]) for key in same} == {key: repr(again[key]) for key in same}
    one, two = (
        json.loads((only_run(tmp_path / folder) / "record.json").read_text()) for folder in ("one", "two")
    )
    assert {key: one[key] for key in one if key != "row"} == {key: two[key] for key in two if key != "row"}
    assert check_folder(tmp_path / "one") == []


def test_a_row_of_hp_has_every_figure_and_a_trace_that_is_alive(
    hpbench: Callable, toy_path: Path, tmp_path: Path
) -> None:
    words = ("run", *TOY, "strategy=hp", "scenario.regime=task", "--quiet", "--out", tmp_path)
    assert hpbench(*words).code == 0
    [row] = rows(tmp_path)
    assert 0 < row["local_share"] < 1
    empty = {name for name, value in row.items() if pd.isna(value) or value == ""}
    assert empty <= {"peak_gpu_memory_mb", "commit", "prototype_share", "diverged"}


@pytest.mark.parametrize("regime", ["class", "domain"])
def test_every_strategy_runs_in_the_other_regimes(
    regime: str, hpbench: Callable, toy_path: Path, tmp_path: Path
) -> None:
    able = [name for name in STRATEGIES if ONLY.get(name, regime) == regime]
    words = ("scenario=toy", f"scenario.regime={regime}", "--quiet", "--out", tmp_path)
    together = [name for name in able if name not in QUICK_BY_STRATEGY]
    assert hpbench("run", f"strategy={','.join(together)}", *QUICK, *words).code == 0
    for name, quick in QUICK_BY_STRATEGY.items():
        assert hpbench("run", f"strategy={name}", *quick, *words).code == 0
    assert {(row["strategy"], row["regime"]) for row in rows(tmp_path)} == {(name, regime) for name in able}
    for name in set(STRATEGIES) - set(able):
        ended = hpbench("run", f"strategy={name}", *QUICK, *words)
        assert (ended.code, ended.out) == (2, "")
        assert f"in the {regime} regime" in ended.err and "Traceback" not in ended.err


def test_a_run_leaves_a_row_a_record_and_a_picture(hpbench: Callable, toy_path: Path, tmp_path: Path) -> None:
    ended = hpbench("run", *TOY, "strategy=ann", "seed=3", "--out", tmp_path)
    assert (ended.code, ended.err) == (0, "")
    [row] = rows(tmp_path)
    folder = only_run(tmp_path)
    assert folder.name == row["run_id"]
    assert sorted(path.name for path in folder.iterdir()) == ["picture.png", "record.json"]
    assert (folder / "picture.png").read_bytes().startswith(b"\x89PNG")
    record = json.loads((folder / "record.json").read_text())
    assert record["row"]["run_id"] == row["run_id"]
    assert record["settings"]["strategy"]["hidden"] == [128]
    assert record["row"]["seed"] == row["seed"] == 3
    assert len(record["R"]) == 2 and record["curve"] and record["confusion"]
    assert {"python", "torch", "norse", "hpbench"} <= set(record["versions"])
    for said in (f"Row {row['run_id']} in {tmp_path}/toy.csv", "after learning", "forgetting", "toy"):
        assert said in ended.out


def test_the_seed_reaches_the_row_and_its_id(hpbench: Callable, toy_path: Path, out: Path) -> None:
    assert hpbench("run", *TOY, "strategy=ann", "seed=0,1", "--quiet", "--out", out).code == 0
    found = rows(out)
    assert [row["seed"] for row in found] == [0, 1]
    assert found[0]["run_id"] != found[1]["run_id"]
    assert found[0]["overrides"] == found[1]["overrides"]


def test_a_run_that_is_on_the_board_is_skipped(hpbench: Callable, toy_path: Path, out: Path) -> None:
    before = files(out)
    ended = hpbench("run", *TOY, "strategy=ann", "--out", out)
    assert ended.code == 0
    assert "skipped (repeat it with --force)" in ended.out and "--force" in ended.out
    assert files(out) == before


def test_force_replaces_the_row_and_leaves_the_others(hpbench: Callable, toy_path: Path, out: Path) -> None:
    assert hpbench("run", *TOY, "strategy=ann", "seed=1", "--quiet", "--out", out).code == 0
    first, other = (out / "toy.csv").read_text().splitlines()[1:]
    [start] = re.findall(r"20\d\d-\d\d-\d\dT[\d:+]+", first)
    (out / "toy.csv").write_text((out / "toy.csv").read_text().replace(start, "2020-01-01T00:00:00+00:00", 1))
    assert hpbench("run", *TOY, "strategy=ann", "--force", "--quiet", "--out", out).code == 0
    [_, replaced, untouched] = (out / "toy.csv").read_text().splitlines()
    assert "2020-01-01" not in replaced
    assert untouched == other
    assert replaced.split(",")[0] == first.split(",")[0]


def test_another_version_of_a_scenario_is_another_run(
    hpbench: Callable, toy_path: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (toy_path / "scenarios" / "toy.py").read_text()
    write_file(tmp_path / "newer" / "toy.py", text.replace('VERSION = "1"', 'VERSION = "2"'))
    monkeypatch.setenv("HPBENCH_PATH", str(tmp_path / "newer"))
    assert hpbench("run", *TOY, "strategy=ann", "--quiet", "--out", out).code == 0
    found = rows(out)
    assert [row["scenario_version"] for row in found] == ["1", "2"]
    assert found[0]["run_id"] != found[1]["run_id"]


def test_dry_run_prints_the_plan_and_writes_nothing(
    hpbench: Callable, toy_path: Path, tmp_path: Path
) -> None:
    words = ("scenario=toy", "strategy=ann,gp", "seed=range(2)", "strategy.batch=5", "device=cpu")
    ended = hpbench("run", *words, "--dry-run", "--out", tmp_path / "out")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        f"{number}. scenario=toy strategy={name} strategy.batch=5 seed={seed} device=cpu threads=1"
        for number, (name, seed) in enumerate([("ann", 0), ("ann", 1), ("gp", 0), ("gp", 1)], 1)
    ]
    assert not (tmp_path / "out").exists()


def test_quiet_prints_nothing(hpbench: Callable, toy_path: Path, tmp_path: Path) -> None:
    ended = hpbench("run", *TOY, "strategy=ann", "--quiet", "--out", tmp_path)
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_without_a_network_the_5000_digits_are_used_and_named(hpbench: Callable, tmp_path: Path) -> None:
    words = ("scenario=split_mnist", "strategy=ann", "strategy.hidden=[8]")
    ended = hpbench("run", *words, "--out", tmp_path)
    assert ended.code == 0
    assert "using mnist5k, the 5,000 real MNIST digits" in ended.out
    assert "Literature on split_mnist (class)" in ended.out
    [row] = read(tmp_path / "split_mnist.csv").to_dict("records")
    assert row["dataset"] == "mnist5k"


SWEEP = ("scenario=toy", "strategy=ncm,icarl,slda", "scenario.regime=task", "strategy.batch=10")


def test_what_cannot_be_done_of_a_sweep_is_told_first_and_the_rest_is_done(
    hpbench: Callable, toy_path: Path, tmp_path: Path
) -> None:
    ended = hpbench("run", *SWEEP, "--out", tmp_path)
    assert ended.code == 2
    [line] = ended.err.splitlines()
    assert line.startswith("hpbench: cannot be run: scenario=toy strategy=icarl")
    assert "in the task regime" in line
    assert [row["strategy"] for row in rows(tmp_path)] == ["ncm", "slda"]


def test_a_strategy_without_the_scenarios_protocol_stops_no_other(
    hpbench: Callable, toy_path: Path, tmp_path: Path
) -> None:
    words = ("scenario=toy", "strategy=protonet,ncm", "strategy.batch=10", "seed=3")
    ended = hpbench("run", *words, "--out", tmp_path)
    assert ended.code == 2
    [line] = ended.err.splitlines()
    assert line.startswith(
        "hpbench: cannot be run: scenario=toy strategy=protonet strategy.batch=10 seed=3: "
    )
    assert "which needs the protocol 'continual'; these can: " in line
    assert [row["strategy"] for row in rows(tmp_path)] == ["ncm"]


def test_a_dry_run_tells_it_too(hpbench: Callable, toy_path: Path, tmp_path: Path) -> None:
    ended = hpbench("run", *SWEEP, "--dry-run", "--out", tmp_path / "none")
    assert ended.code == 2
    assert [line.split()[2] for line in ended.out.splitlines()] == ["strategy=ncm", "strategy=slda"]
    assert "cannot be run: scenario=toy strategy=icarl" in ended.err


def test_nothing_of_a_sweep_can_be_done(hpbench: Callable, toy_path: Path, tmp_path: Path) -> None:
    words = ("scenario=toy", "strategy=gp", "strategy.mix=0.2,0.5", "--out", tmp_path / "none")
    ended = hpbench("run", *words)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 2)
    assert not (tmp_path / "none").exists()


def test_one_run_that_cannot_be_done_ends_with_the_reason(
    hpbench: Callable, toy_path: Path, tmp_path: Path
) -> None:
    ended = hpbench("run", "scenario=toy", "strategy=gp", "strategy.mix=0.5", "--out", tmp_path / "none")
    reason = "strategy.mix=0.5 has no effect without strategy.prototypes=on: set that, or leave it out"
    assert (ended.code, ended.err) == (2, f"hpbench: {reason}\n")

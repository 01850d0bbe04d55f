"""Streams of one experience: classification."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpbench.boards.table import read


@pytest.mark.parametrize(
    ("scenario", "dataset", "network", "reached"),
    [
        ("mnist", "mnist5k", "gp", 0.3),
        ("fashion_mnist", "garments", "gp", 0.3),
        ("cifar10", "tiles", "ann", 0.15),
    ],
)
def test_a_run_has_one_experience_and_selects_on_validation_data(
    scenario: str, dataset: str, network: str, reached: float, hpbench: Callable[..., Any], tmp_path: Path
) -> None:
    words = (f"scenario.dataset={dataset}", "scenario.passes=2", "strategy.hidden=[32]")
    ended = hpbench("run", f"scenario={scenario}", f"strategy={network}", *words, "--out", tmp_path)
    assert ended.code == 0, ended.err
    [row] = read(tmp_path / f"{scenario}.csv").to_dict("records")
    assert row["accuracy"] > reached and row["experiences"] == 1
    assert row["dataset"] == dataset and row["memory_samples"] == 0
    assert row["forgetting"] != row["forgetting"]  # nothing came before: empty


def test_the_regime_is_no_setting(hpbench: Callable[..., Any], tmp_path: Path) -> None:
    ended = hpbench("run", "scenario=mnist", "strategy=gp", "scenario.regime=task", "--out", tmp_path)
    assert ended.code == 2 and "regime" in ended.err


@pytest.mark.parametrize(("scenario", "dataset"), [("mnist", "mnist5k"), ("cifar10", "tiles")])
@pytest.mark.parametrize("strategy", ["hp", "gp", "lp"])
def test_the_authors_network_runs(
    strategy: str, scenario: str, dataset: str, hpbench: Callable[..., Any], tmp_path: Path
) -> None:
    words = (f"scenario.dataset={dataset}", "scenario.time_steps=2", "strategy.kernels=[2,2,4]")
    named = (f"scenario={scenario}", f"strategy={strategy}:classification")
    ended = hpbench("run", *named, *words, "--out", tmp_path)
    assert ended.code == 0, ended.err
    [row] = read(tmp_path / f"{scenario}.csv").to_dict("records")
    assert row["synops_dense"] > 0 and row["network"] == strategy

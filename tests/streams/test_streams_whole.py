"""Streams of one experience: classification."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpbench.boards.table import read


@pytest.mark.parametrize("scenario", ["mnist", "fashion_mnist"])
def test_a_run_has_one_experience_and_selects_on_validation_data(
    scenario: str, hpbench: Callable[..., Any], tmp_path: Path
) -> None:
    dataset = {"mnist": "mnist5k", "fashion_mnist": "garments"}[scenario]
    words = (f"scenario.dataset={dataset}", "scenario.passes=2", "strategy.hidden=[32]")
    ended = hpbench("run", f"scenario={scenario}", "strategy=gp", *words, "--out", tmp_path)
    assert ended.code == 0, ended.err
    [row] = read(tmp_path / f"{scenario}.csv").to_dict("records")
    assert row["accuracy"] > 0.3 and row["experiences"] == 1
    assert row["dataset"] == dataset and row["memory_samples"] == 0
    assert row["forgetting"] != row["forgetting"]  # nothing came before: empty


def test_the_regime_is_no_setting(hpbench: Callable[..., Any], tmp_path: Path) -> None:
    ended = hpbench("run", "scenario=mnist", "strategy=gp", "scenario.regime=task", "--out", tmp_path)
    assert ended.code == 2 and "regime" in ended.err


@pytest.mark.parametrize("strategy", ["hp", "gp", "lp"])
def test_the_authors_network_runs(strategy: str, hpbench: Callable[..., Any], tmp_path: Path) -> None:
    words = ("scenario.dataset=mnist5k", "scenario.time_steps=2", "strategy.kernels=[2,2,4]")
    ended = hpbench("run", "scenario=mnist", f"strategy={strategy}:classification", *words, "--out", tmp_path)
    assert ended.code == 0, ended.err
    [row] = read(tmp_path / "mnist.csv").to_dict("records")
    assert row["synops_dense"] > 0 and row["network"] == strategy

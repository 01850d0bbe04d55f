"""Learning rates over experiences and passes."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy import QUICK

from hpbench.spiking.fused.adam import Adam


def test_rates_fall_to_0_over_the_passes_of_each_experience(
    hpbench: Callable[..., Any], toy_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[float] = []
    step = Adam.step

    def noted(optimizer: Adam, *given: Any) -> Any:
        rates.append(optimizer.param_groups[0]["lr"])
        return step(optimizer, *given)

    monkeypatch.setattr(Adam, "step", noted)
    words = ("scenario=toy", *QUICK, "strategy=gp", "scenario.passes=2")
    assert hpbench("run", *words, "strategy.lr_schedule=cosine", "--out", tmp_path).code == 0
    steps = len(rates) // 2
    expected = [0.002 * 0.5 * (1 + math.cos(math.pi * number / steps)) for number in range(steps)]
    assert steps > 10
    assert rates == pytest.approx(expected * 2)


def test_in_an_online_stream_there_is_no_end_to_fall_towards(
    hpbench: Callable[..., Any], tmp_path: Path
) -> None:
    words = ("scenario=online_split_mnist", "strategy=gp", "strategy.lr_schedule=cosine")
    ended = hpbench("run", *words, "--out", tmp_path)
    assert ended.code == 2
    assert "strategy.lr_schedule=cosine: in this stream every batch arrives by itself" in ended.err

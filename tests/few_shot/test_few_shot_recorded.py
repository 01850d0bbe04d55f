"""Recordings under the few-shot protocol: runs, their rows, and settings that cannot act there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hpbench.core.errors import InputError
from hpbench.data.characters.characters import Characters
from hpbench.data.characters.recordings import CharacterRecordings
from hpbench.few_shot.recorded_characters import EventEpisodeSettings, recorded_character_task
from hpbench.tasks.resources import Resources

QUICK = (
    "scenario.queries=2",
    "scenario.episodes=600",
    "scenario.time_steps=3",
    "scenario.downsampling=3",
    "strategy.filters=[4,4]",
    "strategy.meta_steps=2",
    "strategy.validate_every=1",
    "strategy.train_ways=5",
    "strategy.validation_ways=5",
    "strategy.validation_queries=2",
    "strategy.validation_episodes=5",
)


@pytest.fixture
def few_glyphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A set of 90 made-up characters in place of the glyphs."""
    images = np.random.RandomState(0).randint(0, 2, (90, 6, 28, 28)).astype(np.uint8) * 255
    names = np.arange(90).astype(str)
    made = Characters("glyphs", images, np.repeat(names[:9], 10), names, np.arange(90) < 60, "made up")
    monkeypatch.setattr("hpbench.data.characters.glyphs.load_glyphs", lambda: made)


@pytest.mark.parametrize("strategy", ["hp", "gp", "protonet"])
def test_a_run_says_what_its_network_saw(
    hpbench: Callable[..., Any], tmp_path: Path, few_glyphs: None, strategy: str
) -> None:
    ended = hpbench("run", "scenario=saccade_glyphs", f"strategy={strategy}", *QUICK, "--out", tmp_path)
    assert ended.code == 0, ended.err
    [row] = pd.read_csv(tmp_path / "saccade_glyphs.csv").to_dict("records")
    assert row["dataset"] == "saccade_glyphs"
    assert 0 <= row["accuracy"] <= 1
    if strategy != "protonet":
        assert (row["encoding"], row["time_steps"]) == ("frames", 3)


def test_the_network_s_own_time_steps_have_no_effect(hpbench: Callable[..., Any], tmp_path: Path) -> None:
    ended = hpbench(
        "run", "scenario=saccade_glyphs", "strategy=hp", "strategy.time_steps=7", "--out", tmp_path
    )
    assert ended.code == 2
    assert "strategy.time_steps=7 has no effect without images as inputs" in ended.err


def test_frames_that_are_not_square_cannot_be_turned() -> None:
    class Wide:
        name, sensor_size, sha256 = "wide", (6, 4, 2), "wide"
        labels = np.repeat(np.arange(40), 3)

        def __len__(self) -> int:
            return 120

        def chunk(self, start: int, stop: int) -> list[Any]:
            from hpbench.data.events.source import EVENT

            return [np.zeros(1, EVENT) for _ in range(start, min(stop, 120))]

    names = np.arange(40).astype(str)
    data = CharacterRecordings("wide", Wide(), 3, names, np.arange(40) < 20)
    nothing = Resources(None, "cpu", lambda _: None)
    with pytest.raises(InputError, match="frames of wide are 2 x 3 and cannot be turned"):
        recorded_character_task(data, EventEpisodeSettings(), nothing)
    made = recorded_character_task(data, EventEpisodeSettings(rotations=False, queries=2), nothing)
    assert made.input_shape == (6, 2, 2, 3)

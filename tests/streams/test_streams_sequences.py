"""Streams of sequences: what is shown, what is disturbed, and that networks learn from it."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import torch

from hpbench.core.errors import InputError
from hpbench.core.settings import check_settings
from hpbench.data.sequences.japanese_vowels import load_japanese_vowels
from hpbench.data.sequences.sequence_data import held
from hpbench.streams.sequences import (
    SequenceRobustnessSettings,
    SequenceStreamSettings,
    sequence_task,
    split_sequences,
)
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask


def resources(folder: Path) -> Resources:
    return Resources(folder, "cpu", lambda line: None)


def noisy(folder: Path, **changes: Any) -> RobustnessTask:
    settings = SequenceRobustnessSettings(**changes)
    check_settings(settings, "scenario")
    return sequence_task(load_japanese_vowels(), settings, resources(folder))


def test_speakers_are_divided_among_experiences(tmp_path: Path) -> None:
    task = split_sequences(
        load_japanese_vowels(), 3, SequenceStreamSettings(delta_threshold=0.1), resources(tmp_path)
    )
    assert [sorted({*part.targets.tolist()}) for part in task.train] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert [len(part.targets) for part in task.train] == [81] * 3
    assert task.input_shape == (58, 12)
    assert (task.encoding, task.code) == ("delta", {"delta_threshold": 0.1})


def test_an_experience_has_the_frames_of_its_speakers(tmp_path: Path) -> None:
    data = load_japanese_vowels()
    settings = SequenceStreamSettings(time_steps=29, validation_share=0)
    task = split_sequences(data, 9, settings, resources(tmp_path))
    for speaker, part in enumerate(task.test):
        expected = data.test.values[data.test_labels == speaker]
        assert np.array_equal(part.inputs[torch.arange(len(expected))].numpy(), expected)


def test_noise_is_added_to_frames_and_to_nothing_after_the_end(tmp_path: Path) -> None:
    data = load_japanese_vowels()
    task = noisy(tmp_path, time_steps=58)
    clean = task.tested.inputs[torch.arange(370)].numpy()
    made = np.asarray(task.disturbed("gaussian", 0.04))
    frames = made[:, ::2]
    assert np.array_equal(held(frames, 58), made), "both steps of a frame have its noise"
    inside = np.arange(29) < data.test.lengths[:, None]
    assert not made[:, ::2][~inside].any()
    inner = inside[..., None] & (clean[:, ::2] > 0.45) & (clean[:, ::2] < 0.55)  # seldom clipped
    assert float((frames - clean[:, ::2])[inner].std()) == pytest.approx(0.2, rel=0.05)


def test_noise_does_not_depend_on_how_many_are_tested(tmp_path: Path) -> None:
    every, few = noisy(tmp_path), noisy(tmp_path, tested_samples=10)
    one, other = (np.asarray(task.disturbed("speckle", 0.1)) for task in (every, few))
    assert len(other) == 10 and np.array_equal(one[:10], other)
    again = noisy(tmp_path, noise_seed=1).disturbed("speckle", 0.1)
    assert not np.array_equal(one, np.asarray(again))


def test_validation_is_held_out_of_the_training_part(tmp_path: Path) -> None:
    task = noisy(tmp_path, evaluate_on="validation", validation_share=0.2)
    assert len(task.tested.targets) == 54 and len(task.learned.train[0].targets) == 216


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"encoding": "direct"}, "by scenario.encoding=frames"),
        ({"encoding": "poisson"}, "there are: delta, frames"),
        ({"disturbances": ["occlusion"]}, "there are: gaussian"),
        ({"disturbances": ["salt"], "levels": [1.5]}, "between 0 and 1"),
        ({"tested_samples": 371}, "there are 370 samples"),
    ],
)
def test_bad_input_is_refused_in_words(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        noisy(tmp_path, **settings)


@pytest.mark.parametrize(
    ("scenario", "strategy", "words"),
    [
        ("split_japanese_vowels", "joint", ()),
        ("split_japanese_vowels", "joint", ("scenario.encoding=frames",)),
        ("noisy_japanese_vowels", "gp", ("scenario.levels=[0.0]",)),
    ],
)
def test_networks_learn_who_speaks(
    hpbench: Any, tmp_path: Path, scenario: str, strategy: str, words: tuple[str, ...]
) -> None:
    quick = ("scenario.passes=6", "scenario.time_steps=29", "strategy.hidden=[64]", "strategy.lr=0.005")
    ended = hpbench(
        "run", f"scenario={scenario}", f"strategy={strategy}", *quick, *words, "--quiet", "--out", tmp_path
    )
    assert ended.code == 0, ended.err
    [accuracy] = pandas.read_csv(tmp_path / f"{scenario}.csv").accuracy
    assert accuracy > 0.45, "chance is 0.11"

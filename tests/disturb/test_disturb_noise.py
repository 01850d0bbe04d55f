"""Noise has the rate that its level names, and recorded noise is that of its file."""

import os
from pathlib import Path

import numpy as np
import pytest
from made_events import made
from made_noise import write_noise

from hpbench.core.errors import InputError
from hpbench.data.events.source import EVENT
from hpbench.disturb.events import noise as module
from hpbench.disturb.events.noise import (
    HOT_RATE,
    background_activity,
    hot_pixels,
    load_noise,
    played,
    recorded_noise,
)

REAL = Path(os.environ.get("HPBENCH_DATA", "/nowhere"))  # read before the fixtures hide it

SENSOR = (12, 9, 2)

LAST = made((0, 0, 9_999_999, 1))
"""A recording of 10 s with one event, which comes last."""


@pytest.fixture(autouse=True)
def forget(isolated):
    """What was read of files of the same name."""
    module._read.cache_clear()


def random():
    return np.random.default_rng(0)


def test_background_activity_is_uniform():
    found = background_activity(LAST, 5.0, SENSOR, random())[:-1]
    assert len(found) == pytest.approx(5 * 108 * 10, rel=0.05)
    counts = np.histogram2d(found["x"], found["y"], bins=SENSOR[:2])[0]
    assert counts.min() > 20
    assert counts.max() < 90
    assert found["p"].mean() == pytest.approx(0.5, abs=0.03)
    assert found["t"].mean() == pytest.approx(5e6, rel=0.05)


def test_hot_pixels_fire_at_their_rate_with_one_polarity():
    found = hot_pixels(LAST, 0.1, SENSOR, random())[:-1]
    pixels = found["y"].astype(int) * 12 + found["x"]
    hot, counts = np.unique(pixels, return_counts=True)
    assert len(hot) == 11  # of 108
    assert counts == pytest.approx(np.full(11, 10 * HOT_RATE), rel=0.15)
    assert {float(found["p"][pixels == one].mean()) for one in hot} == {0.0, 1.0}
    assert len(np.unique(hot_pixels(LAST, 1e-6, SENSOR, random())[:-1][["x", "y"]])) == 1


def test_an_excerpt_is_played_round_and_round():
    excerpt = made((0, 0, 1, 1), (1, 0, 7, 0))
    assert played(excerpt, np.array([0, 0]), 10, 25)[["x", "t"]].tolist() == [
        (0, 1),
        (1, 7),
        (0, 11),
        (1, 17),
        (0, 21),
    ]
    assert played(excerpt, np.array([5, 2]), 10, 10)[["x", "t"]].tolist() == [(0, 6), (1, 5)]
    assert len(played(excerpt, np.array([0, 0]), 10, 1)) == 0
    assert excerpt["t"].tolist() == [1, 7]


def test_recorded_noise_has_the_rate_and_the_places_of_its_file(tmp_path):
    write_noise(tmp_path)
    noise = load_noise(tmp_path)
    assert (noise.width, noise.height, noise.duration, noise.rate) == (5, 4, 10**6, 1.0)
    assert [len(one) for one in noise.excerpts] == [30, 10]
    for level in (0.5, 3.0, 7.25):
        rates = [
            (len(recorded_noise(LAST, level, SENSOR, np.random.default_rng(seed), noise)) - 1) / (108 * 10)
            for seed in range(30)
        ]
        assert np.mean(rates) == pytest.approx(level, rel=0.12)
    found = recorded_noise(LAST, 1.0, (5, 4, 2), random(), noise)[:-1]
    places = [{(x, y, bool(p)) for x, y, _, p in one.tolist()} for one in noise.excerpts]
    assert {(x, y, bool(p)) for x, y, _, p in found.tolist()} in places  # one layer is of one excerpt


def test_recorded_noise_covers_a_larger_sensor(tmp_path):
    write_noise(tmp_path)
    found = recorded_noise(LAST, 20.0, SENSOR, random(), load_noise(tmp_path))[:-1]
    for left in (0, 5, 10):
        for top in (0, 4, 8):
            tile = (found["x"] // 5 == left // 5) & (found["y"] // 4 == top // 4)
            pixels = (min(left + 5, 12) - left) * (min(top + 4, 9) - top)
            assert tile.sum() / (10 * pixels) == pytest.approx(20, rel=0.5)


def test_files_of_noise_that_are_hidden_or_none_or_too_large(tmp_path, monkeypatch):
    path = write_noise(tmp_path)
    before = load_noise(tmp_path).sha256
    (path.parent / f"._{path.name}").write_bytes(b"\0\5\26\7")
    assert load_noise(tmp_path).sha256 == before
    module._read.cache_clear()
    monkeypatch.setattr(module, "_LARGEST", 100)
    with pytest.raises(InputError, match=rf"{path.name} would unpack to [0-9,]+ bytes, expected at most 100"):
        load_noise(tmp_path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InputError, match=rf"{path.name} is no regular file"):
        load_noise(tmp_path)


def test_no_noise_and_damaged_noise(tmp_path):
    with pytest.raises(InputError, match=r"no recorded sensor noise in .*dvs_noise.*use background_activity"):
        load_noise(tmp_path)
    events = np.zeros(2, [("x", "<i2"), ("y", "<i2"), ("t", "<i4"), ("p", "u1")])
    outside = events.copy()
    outside["x"] = 9
    for changed, words in (
        ({"events": outside, "clip": [0, 0]}, "outside of the sensor of 5 x 4"),
        ({"events": events, "clip": [0, 0], "duration_us": 0}, "do not end before its duration of 0 us"),
        ({"events": np.zeros(0, EVENT), "clip": np.zeros(0)}, "do not end before"),
        ({"sensor_size": [1]}, "not enough values"),
    ):
        path = write_noise(tmp_path, **changed)
        with pytest.raises(InputError, match=f"{path.name} holds no recorded noise .*{words}"):
            load_noise(tmp_path)
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match="holds no recorded noise"):
        load_noise(tmp_path)


@pytest.mark.skipif(not (REAL / "dvs_noise").is_dir(), reason="HPBENCH_DATA does not hold recorded noise")
def test_real_noise():
    noise = load_noise(REAL)
    assert (len(noise.excerpts), noise.width, noise.height, noise.duration) == (10, 34, 34, 1_450_000)
    assert noise.rate == pytest.approx(0.143, abs=0.001)

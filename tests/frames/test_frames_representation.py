"""Frames, voxel grids and time surfaces against loops written out."""

import dataclasses

import numpy as np
import pytest
from made_events import made, random_events

from hpbench.core.errors import InputError
from hpbench.core.settings import check_settings
from hpbench.data.events.source import EVENT
from hpbench.frames.representation import FAINTEST, RepresentationSettings, frame_shape, represent

SENSOR = (10, 6, 2)  # W is not H

KINDS = ("frames", "voxel_grid", "time_surface")


def literal(events, s: RepresentationSettings, sensor=SENSOR) -> np.ndarray:
    """The same in double precision, event by event."""
    found = np.zeros(frame_shape(s, sensor))
    first, length = 0, round(1000 * s.duration)
    if not length:
        first, length = int(events["t"][0]), int(events["t"][-1]) - int(events["t"][0]) + 1
    last = np.full(found.shape[1:], -np.inf)
    shown = [(x // s.downsampling, y // s.downsampling, t - first, p) for x, y, t, p in events.tolist()]
    for x, y, t, p in shown:
        if t >= length:
            continue
        p = 0 if s.polarity == "merged" else int(p)
        step = t * s.time_steps // length
        if s.representation == "frames":
            found[step, p, y, x] = 1 if s.counts == "binary" else found[step, p, y, x] + 1
        elif s.representation == "voxel_grid":
            for place in range(s.time_steps):  # Zhu et al. (2019), their bilinear kernel
                near = max(0, 1 - abs(place - (s.time_steps - 1) * t / length))
                found[place, 0, y, x] += (2 * p - 1) * near
    if s.representation == "time_surface":
        for step in range(s.time_steps):
            end = (step + 1) * length / s.time_steps
            for x, y, t, p in shown:
                if t < min(length, end):
                    last[0 if s.polarity == "merged" else int(p), y, x] = t
            found[step] = np.exp((last - end) / (1000 * s.tau))
        found[found < FAINTEST] = 0
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("polarity", ["separate", "merged"])
@pytest.mark.parametrize("duration", [0.0, 150.0, 400.0])
@pytest.mark.parametrize("downsampling", [1, 4])
def test_against_the_literal_form(kind, polarity, duration, downsampling):
    if kind == "voxel_grid" and polarity == "merged":
        pytest.skip("not to be had")
    settings = RepresentationSettings(
        kind, time_steps=7, duration=duration, polarity=polarity, downsampling=downsampling
    )
    events = random_events(400, *SENSOR[:2])
    before = events.copy()
    found = represent(events, settings, SENSOR)
    assert np.array_equal(events, before)
    assert found.shape == frame_shape(settings, SENSOR)
    expected = literal(events, settings)
    if kind == "frames":
        assert found.dtype == np.int16
        assert np.array_equal(found, expected)
        inside = events if not duration else events[events["t"] < 1000 * duration]
        assert found.sum() == len(inside)
    else:
        assert found.dtype == np.float16
        assert np.allclose(found, expected, rtol=1e-3, atol=1e-3)


def test_binary_frames():
    settings = RepresentationSettings(counts="binary", time_steps=3)
    events = random_events(400, *SENSOR[:2])
    found = represent(events, settings, SENSOR)
    assert np.array_equal(found, literal(events, settings))
    assert found.max() == 1


def test_shapes():
    assert frame_shape(RepresentationSettings(), (34, 34, 2)) == (10, 2, 34, 34)
    assert frame_shape(RepresentationSettings(polarity="merged"), SENSOR) == (10, 1, 6, 10)
    assert frame_shape(RepresentationSettings("voxel_grid", time_steps=4), SENSOR) == (4, 1, 6, 10)
    assert frame_shape(RepresentationSettings(downsampling=4), (34, 128, 2)) == (10, 2, 32, 9)


def test_borders_of_steps_belong_to_the_later_step():
    """100 ms in 6 steps of 16,666.67 us: an event at 50,000 us is in step 3 alone."""
    settings = RepresentationSettings(time_steps=6, duration=100)
    events = made((0, 0, 0, 0), (1, 0, 16_666, 0), (2, 0, 16_667, 0), (3, 0, 50_000, 0), (4, 0, 99_999, 0))
    found = represent(made(*events.tolist(), (5, 0, 100_000, 0)), settings, SENSOR)
    assert np.argwhere(found[:, 0, 0])[:, 0].tolist() == [0, 0, 1, 3, 5]
    assert np.argwhere(found[:, 0, 0])[:, 1].tolist() == [0, 1, 2, 3, 4]


def test_a_voxel_grid_by_hand():
    """Three steps in 100 ms, at 0, 50 and 100: ON at 25 ms is half in two, OFF at 50 ms all in the second."""
    settings = RepresentationSettings("voxel_grid", time_steps=3, duration=100)
    found = represent(made((1, 2, 25_000, 1), (3, 4, 50_000, 0), (5, 1, 87_500, 1)), settings, SENSOR)
    assert {tuple(place): found[tuple(place)] for place in np.argwhere(found)} == {
        (0, 0, 2, 1): 0.5,
        (1, 0, 2, 1): 0.5,
        (1, 0, 4, 3): -1,
        (1, 0, 1, 5): 0.25,
        (2, 0, 1, 5): 0.75,
    }


@pytest.mark.parametrize("steps", [1, 2, 9])
def test_a_voxel_grid_holds_all_of_every_event(steps):
    events = random_events(400, *SENSOR[:2])
    found = represent(events, RepresentationSettings("voxel_grid", time_steps=steps, duration=0.0), SENSOR)
    assert found.astype(float).sum() == pytest.approx((2 * events["p"].astype(int) - 1).sum(), abs=0.5)


def test_a_time_surface_by_hand():
    """An event at 40 ms, seen at 50 and at 100 ms: 10 and 60 ms ago."""
    settings = RepresentationSettings("time_surface", time_steps=2, duration=100, tau=30)
    found = represent(made((1, 2, 40_000, 1)), settings, SENSOR)
    assert found[:, 1, 2, 1] == pytest.approx(np.exp([-1 / 3, -2]), rel=1e-3)
    assert (found > 0).sum() == 2
    dim = dataclasses.replace(settings, tau=10.0)
    assert (represent(made((1, 2, 40_000, 1)), dim, SENSOR) > 0).sum() == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("duration", [0.0, 50.0])
def test_one_event_and_none(kind, duration):
    settings = RepresentationSettings(kind, time_steps=4, duration=duration)
    empty = represent(np.zeros(0, EVENT), settings, SENSOR)
    assert empty.shape == frame_shape(settings, SENSOR)
    assert not empty.any()
    assert (represent(made((1, 2, 30_000, 1)), settings, SENSOR) != 0).any()
    late = represent(made((1, 2, 60_000, 1)), settings, SENSOR)
    assert late.any() == (duration == 0)


def test_long_recordings_do_not_overflow():
    settings = RepresentationSettings(time_steps=1000, duration=0)
    found = represent(made((0, 0, 5, 0), (1, 1, 4_294_967_295, 1)), settings, SENSOR)
    assert np.argwhere(found).tolist() == [[0, 0, 0, 0], [999, 1, 1, 1]]


def test_downsampling_is_a_whole_division():
    """Tonic multiplies: by 1/49 that would be wrong, up to the setting's bound it is not."""
    from tonic.transforms import Downsample

    [bound] = [
        field.metadata["high"]
        for field in dataclasses.fields(RepresentationSettings)
        if field.name == "downsampling"
    ]
    places = np.zeros(2048, EVENT)
    places["x"] = places["y"] = np.arange(2048)
    for by in range(1, bound + 1):
        assert np.array_equal(Downsample(spatial_factor=1 / by)(places)["x"], np.arange(2048) // by)


def test_settings_that_contradict_each_other():
    with pytest.raises(InputError, match="the polarity is the sign; use polarity=separate"):
        check_settings(RepresentationSettings("voxel_grid", polarity="merged"), "scenario")
    with pytest.raises(InputError, match="representation=frame: did you mean 'frames'"):
        check_settings(RepresentationSettings("frame"), "")

"""Every disturbance of the table keeps what a recording must be; and each by a case worked out by hand."""

import numpy as np
import pytest
from made_events import made, random_events
from made_noise import write_noise

from hpbench.core.errors import InputError
from hpbench.data.events.source import EVENT
from hpbench.disturb.events.disturbances import EVENT_DISTURBANCES, DisturbedBy, disturbed
from hpbench.disturb.events.losses import hidden
from hpbench.disturb.events.noise import with_noise
from hpbench.disturb.seeded import recording_generator, tonic_draws

SENSOR = (12, 20, 2)  # W is not H

NAMES = sorted(EVENT_DISTURBANCES)

LOSSES = ("drop_events", "drop_time", "drop_area", "dead_pixels", "occlusion", "cropped_field")


@pytest.fixture(autouse=True)
def noise(isolated, tmp_path, monkeypatch):
    """Recorded noise is in the folder that HPBENCH_DATA names."""
    write_noise(tmp_path / "data")
    monkeypatch.setenv("HPBENCH_DATA", str(tmp_path / "data"))


def recording(number: int = 3000) -> np.ndarray:
    return random_events(number, *SENSOR[:2])


def under(name: str, level: float, events: np.ndarray | None = None, seed: int = 0, sample: int = 0):
    events = recording() if events is None else events
    return disturbed(events, DisturbedBy(name, level, seed), SENSOR, sample)


def levels(name: str) -> list[float]:
    """Those that are tested, and the bound, unless that means millions of events."""
    one = EVENT_DISTURBANCES[name]
    return [level for level in (*one.levels, min(one.high, 100 * one.levels[-1])) if level]


@pytest.mark.parametrize("name", NAMES)
def test_table(name):
    one = EVENT_DISTURBANCES[name]
    assert one.name == name
    assert one.meaning
    assert one.levels[0] == 0
    assert list(one.levels) == sorted(set(one.levels))
    assert one.levels[-1] <= one.high


@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_is_a_recording(name):
    for level in levels(name):
        events = recording()
        found = under(name, level, events)
        assert np.array_equal(events, recording())  # the input is as it was
        assert not np.shares_memory(found, events)
        assert found.dtype == EVENT
        assert not (found["t"][1:] < found["t"][:-1]).any()
        if len(found):
            assert found["x"].max() < SENSOR[0]
            assert found["y"].max() < SENSOR[1]
        if name in LOSSES:
            assert len(found) < len(events)
            assert set(found.tolist()) <= set(events.tolist())


@pytest.mark.parametrize("name", NAMES)
def test_level_0_changes_nothing_and_an_empty_recording_stays_empty(name):
    events = recording()
    assert under(name, 0.0, events) is events
    for level in levels(name):
        assert under(name, level, np.zeros(0, EVENT)).tolist() == []
        one = under(name, level, made((3, 4, 5, 1)))
        assert one.dtype == EVENT


@pytest.mark.parametrize("name", NAMES)
def test_draws_follow_from_seed_name_level_and_sample_alone(name):
    level = EVENT_DISTURBANCES[name].levels[2]
    if name == "cropped_field":
        pytest.skip("nothing is drawn")
    first = under(name, level)
    np.random.rand(7)  # whatever was drawn before
    under(name, level, sample=5)
    before = np.random.get_state()[1].tolist()
    assert np.array_equal(first, under(name, level))
    assert np.random.get_state()[1].tolist() == before
    others = [under(name, level, seed=1), under(name, level, sample=1)]
    assert not any(np.array_equal(first, other) for other in others)


def test_generators_differ_by_each_of_their_arguments():
    first = recording_generator(0, "drop_events", 0.1, 0).random()
    assert recording_generator(0, "drop_events", 0.1, 0).random() == first
    others = [
        recording_generator(1, "drop_events", 0.1, 0),
        recording_generator(0, "drop_time", 0.1, 0),
        recording_generator(0, "drop_events", 0.2, 0),
        recording_generator(0, "drop_events", 0.1, 1),
    ]
    assert len({first, *(one.random() for one in others)}) == 5


def test_tonics_draws_are_put_back_after_an_error():
    before = np.random.get_state()[1].tolist()
    with pytest.raises(ZeroDivisionError), tonic_draws(np.random.default_rng(0)):
        np.random.rand()
        raise ZeroDivisionError
    assert np.random.get_state()[1].tolist() == before


def test_unknown_names_and_levels_out_of_range():
    with pytest.raises(InputError, match="'dropped_events' is unknown: did you mean 'drop_events'"):
        DisturbedBy("dropped_events", 0.1, 0).check()
    for level in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match=r"of drop_events: expected a value between 0 and 1 \(share"):
            DisturbedBy("drop_events", level, 0).check()
    with pytest.raises(InputError, match="noise seed -1: expected at least 0"):
        DisturbedBy("drop_events", 0.1, -1).check()


def test_a_share_of_the_events_is_dropped():
    assert len(under("drop_events", 0.3)) == 2100
    assert len(under("drop_events", 1.0)) == 0


def test_a_span_of_time_is_dropped():
    events = recording()
    found = under("drop_time", 0.25)
    lost = np.isin(events["t"], np.setdiff1d(events["t"], found["t"]))
    span = events["t"][lost]
    assert np.ptp(span) / events["t"].max() == pytest.approx(0.25, abs=0.01)
    assert lost.sum() == np.ptp(np.flatnonzero(lost)) + 1  # all that lies between
    assert len(found) + lost.sum() == len(events)


def test_a_box_is_dropped():
    found = under("drop_area", 0.25)
    seen = np.zeros(SENSOR[:2], bool)
    seen[found["x"], found["y"]] = True
    assert (~seen).sum() == (SENSOR[0] // 2) * (SENSOR[1] // 2)
    assert [np.ptp(one) + 1 for one in np.nonzero(~seen)] == [SENSOR[0] // 2, SENSOR[1] // 2]


@pytest.mark.parametrize("level", EVENT_DISTURBANCES["drop_area"].levels[1:])
def test_the_dropped_area_is_the_level_on_average(level):
    """On the sensor of N-MNIST, with an event on each pixel; a box is within a pixel of its sides."""
    width, height, _ = sensor = (34, 30, 2)
    everywhere = made(*[(x, y, 0, 0) for x in range(width) for y in range(height)])
    lost, sides = [], (level**0.5 * width, level**0.5 * height)
    for sample in range(2000):
        found = disturbed(everywhere, DisturbedBy("drop_area", level, 0), sensor, sample)
        seen = np.zeros((width, height), bool)
        seen[found["x"], found["y"]] = True
        for axis, side in enumerate(sides):
            span = np.flatnonzero((~seen).any(1 - axis))
            assert len(span) == np.ptp(span) + 1
            assert abs(len(span) - side) < 1
        lost.append((~seen).mean())
    error = np.std(lost) / len(lost) ** 0.5
    assert np.mean(lost) == pytest.approx(level, abs=max(4 * error, 1e-9))
    assert error < 0.01 * level


def test_every_pixel_can_be_in_the_dropped_area():
    corners = made(*[(x, y, 0, 0) for x in (0, SENSOR[0] - 1) for y in (0, SENSOR[1] - 1)])
    left = [under("drop_area", 0.3, corners, sample=sample) for sample in range(300)]
    for corner in corners:
        assert any(corner not in one for one in left)
    assert len(under("drop_area", 1.0)) == 0


def test_dead_pixels_are_silent_as_tonics_are():
    from tonic.functional import drop_pixel_numpy

    events, found = recording(), under("dead_pixels", 0.1)
    alive = np.zeros(SENSOR[:2], bool)
    alive[found["x"], found["y"]] = True
    dead = np.argwhere(~alive)
    assert len(dead) == 24  # of 240
    assert np.array_equal(found, drop_pixel_numpy(events, dead))
    assert len(under("dead_pixels", 1.0)) == 0


def test_times_jitter():
    events = random_events(4000, *SENSOR[:2], duration=10**8)
    events["t"] += 10**6
    found = under("time_jitter", 1000.0, events)
    assert len(found) == len(events)
    moved = np.sort(found["t"]).astype(int) - np.sort(events["t"])
    assert abs(moved.mean()) < 60
    at = np.zeros(50_000, EVENT)
    at["t"] = 10**6
    moved = under("time_jitter", 1000.0, at)["t"].astype(int) - 10**6
    assert (moved.mean(), moved.std()) == (pytest.approx(0, abs=20), pytest.approx(1000, rel=0.02))
    early = under("time_jitter", 1000.0, np.zeros(1000, EVENT))
    assert 400 < len(early) < 600  # about half would come before time 0
    assert early["t"].max() < 10_000


def test_places_jitter_around_where_they_were():
    events = np.zeros(50_000, EVENT)
    events["x"], events["y"] = 200, 300
    found = disturbed(events, DisturbedBy("spatial_jitter", 2.0, 0), (1000, 1000, 2), 0)
    for name, place in (("x", 200), ("y", 300)):
        moved = found[name].astype(int) - place
        assert moved.mean() == pytest.approx(0, abs=0.05)
        assert moved.std() == pytest.approx(2, rel=0.03)
    corner = under("spatial_jitter", 0.5, np.zeros(10_000, EVENT))
    # A pixel's centre stays in it or goes on with probability 0.84 along each axis.
    assert len(corner) / 10_000 == pytest.approx(0.8413**2, abs=0.02)


def test_polarities_flip_event_by_event():
    events = recording()
    found = under("polarity_flip", 0.3)
    assert np.array_equal(found[["x", "y", "t"]], events[["x", "y", "t"]])
    assert (found["p"] != events["p"]).mean() == pytest.approx(0.3, abs=0.03)
    assert (under("polarity_flip", 1.0)["p"] != events["p"]).all()


def test_a_bar_crosses_the_sensor():
    """4 of 10 columns, from the middle of column 2 on; once around in 10 us, so half way round at 5."""
    events = made(*[(x, 0, 0, 0) for x in range(10)], *[(x, 0, 5, 0) for x in range(10)], (0, 0, 10, 0))
    behind = hidden(events, 4.0, 10, 2.5, 1)
    assert events["x"][behind & (events["t"] == 0)].tolist() == [2, 3, 4, 5]
    assert events["x"][behind & (events["t"] == 5)].tolist() == [0, 7, 8, 9]
    left = hidden(events, 4.0, 10, 2.5, -1)
    assert events["x"][left & (events["t"] == 5)].tolist() == [0, 7, 8, 9]
    assert len(under("occlusion", 1.0)) == 0
    assert len(under("occlusion", 0.25)) / 3000 == pytest.approx(0.75, abs=0.03)


def test_only_the_middle_is_seen_where_it_was():
    events, found = recording(), under("cropped_field", 0.5)
    middle = (events["x"] >= 3) & (events["x"] < 9) & (events["y"] >= 5) & (events["y"] < 15)
    assert np.array_equal(found, events[middle])
    assert len(under("cropped_field", 1.0)) == 0


def test_noise_joins_in_time_behind_what_was_there():
    events, noise = made((1, 1, 5, 0), (2, 2, 9, 1)), made((7, 7, 9, 0), (8, 8, 0, 0), (9, 9, 5, 0))
    assert with_noise(events, noise)["x"].tolist() == [8, 1, 9, 2, 7]


def test_what_tonic_does_where_we_do_not_use_it():
    """If one of these fails, tonic's transform may do in place of ours."""
    from tonic.transforms import RandomFlipPolarity, SpatialJitter, UniformNoise

    events = recording()
    with tonic_draws(np.random.default_rng(0)):
        flipped = {int((RandomFlipPolarity(0.5)(events)["p"] != events["p"]).sum()) for _ in range(20)}
        assert flipped == {0, len(events)}
        noisy = UniformNoise(SENSOR, 1000)(events)
        assert noisy["p"].sum() - events["p"].sum() > 990
        corner = SpatialJitter((1000, 1000, 2), 4, 4, clip_outliers=True)
        places = np.full(10_000, 500, [("x", "<i4"), ("y", "<i4"), ("t", "<i4"), ("p", "?")])
        assert corner(places)["x"].mean() < 499.6  # rounds down

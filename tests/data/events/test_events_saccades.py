"""Generated recordings: what they are made of, how they are asked for, what settings do."""

import dataclasses

import numpy as np
import pytest
from measured_events import by_pixels, columns, pauses_of

from hpbench.core.errors import InputError
from hpbench.data.events.saccades import generated as saccades
from hpbench.data.events.saccades.generated import BLOCK, SaccadeRecordings, recordings, saccade_sources
from hpbench.data.events.saccades.path import SENSOR, clocks
from hpbench.data.events.saccades.pixels import Fired
from hpbench.data.events.saccades.sensor import SaccadeSensor
from hpbench.data.events.saccades.settings import SaccadeSettings
from hpbench.data.events.source import EVENT
from hpbench.data.images.image_data import ImageData
from hpbench.data.images.mnist5k import load_mnist5k


def images(number: int = 20) -> ImageData:
    """The first digits of mnist5k."""
    data = load_mnist5k()
    return ImageData(
        "mnist5k",
        data.train_images[:number],
        data.train_labels[:number],
        data.test_images[:7],
        data.test_labels[:7],
        "some",
    )


@pytest.mark.parametrize(
    "some", [np.zeros((1, 8, 8), np.uint8), np.zeros((1, 28, 28))], ids=["size", "floats"]
)
def test_other_images_are_refused(some):
    data = ImageData("mine", some, np.zeros(1, int), some, np.zeros(1, int), "")
    with pytest.raises(
        InputError, match=r"saccade_mine: events are generated from images of uint8 \(28, 28\)"
    ):
        saccade_sources(data, SaccadeSettings())


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

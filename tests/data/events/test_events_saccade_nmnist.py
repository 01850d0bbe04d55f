"""Generated recordings beside N-MNIST's of the same digits; docs/events.md has more."""

import os
from pathlib import Path

import numpy as np
import pytest
from measured_events import columns, pauses_of

from hpbench.data.events.load import RecordingSettings, load_recordings
from hpbench.data.events.saccades.generated import saccade_sources
from hpbench.data.events.saccades.path import SENSOR
from hpbench.data.events.saccades.settings import SaccadeSettings
from hpbench.data.images.image_data import ImageData
from hpbench.data.images.torchvision_sets import MNIST, find

REAL = Path(os.environ.get("HPBENCH_DATA", "/nowhere"))  # read before the fixtures hide it


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

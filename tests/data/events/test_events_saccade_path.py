"""The saccades' path, its timing, and what the sensor sees of an image on it."""

import numpy as np
import pytest

from hpbench.data.events.saccades.path import clocks, overlaps, path_steps


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

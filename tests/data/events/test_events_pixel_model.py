"""Pixels of an event camera, against small time steps."""

import numpy as np
import pytest
from measured_events import by_pixels

from hpbench.data.events.saccades.pixels import Pixels


def random_walks(seed: int, pixels: int = 12, steps: int = 20):
    """Log intensities (steps + 1, pixels), thresholds, clocks, and times (steps + 1, 2) in microseconds."""
    random = np.random.RandomState(seed)
    levels = random.normal(0, 0.6, (steps + 1, pixels)).cumsum(0)
    levels[5:8] = levels[5]  # at rest for a while
    on, off = random.uniform(0.1, 0.6, (2, pixels))
    times = np.concatenate([np.zeros((1, 2)), random.uniform(100, 400, (steps, 2)).cumsum(0)])
    return levels, on, off, np.arange(pixels) % 2, times


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

"""What tests measure of recordings, real and generated, and of pixels."""

import numpy as np

from hpbench.data.events.saccades.path import SENSOR
from hpbench.data.events.saccades.pixels import Pixels


def columns(events):
    """All recordings as one: number of the recording, x, y, t, p."""
    counts = [len(one) for one in events]
    both = np.concatenate(events)
    return np.repeat(np.arange(len(events)), counts), both["x"], both["y"], both["t"].astype(int), both["p"]


def pauses_of(events):
    """Times between a pixel's events, and whether the two have the same polarity."""
    recording, x, y, t, p = columns(events)
    key = (recording * SENSOR + y) * SENSOR + x
    order = np.lexsort((t, key))
    key, t, p = key[order], t[order], p[order]
    same = key[1:] == key[:-1]
    return np.diff(t)[same], (p[1:] == p[:-1])[same]


def by_pixels(levels, on, off, refractory, clock, times) -> list[list[tuple[float, bool]]]:
    """Events of each pixel in the order of their times, by `Pixels`."""
    pixels = Pixels(levels[0], on, off, refractory, clock)
    found = [[] for _ in on]
    for level, begin, end in zip(levels[1:], times[:-1], times[1:], strict=True):
        for pixel, time, rising in zip(*pixels.advance(level, begin, end), strict=True):
            assert begin[clock[pixel]] <= time <= end[clock[pixel]]
            found[pixel].append((float(time), bool(rising)))
    return [sorted(one) for one in found]

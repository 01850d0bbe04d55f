"""Disturbances that remove events; the others keep position, time and order.

Each takes a recording with at least one event, a level above 0, the sensor's size and a generator.
"""

import math

import numpy as np

from hpbench.data.events.source import Events, SensorSize
from hpbench.disturb.seeded import tonic_draws


def drop_events(events: Events, level: float, sensor_size: SensorSize, random: np.random.Generator) -> Events:
    """Remove a random share `level` of the events (tonic's DropEvent)."""
    from tonic.transforms import DropEvent

    with tonic_draws(random):
        return DropEvent(p=level)(events)


def drop_time(events: Events, level: float, sensor_size: SensorSize, random: np.random.Generator) -> Events:
    """Remove all events of one random interval, a share `level` of the time up to the last event.

    Tonic's DropEventByTime.
    """
    from tonic.transforms import DropEventByTime

    with tonic_draws(random):
        return DropEventByTime(duration_ratio=float(level))(events)


def drop_area(events: Events, level: float, sensor_size: SensorSize, random: np.random.Generator) -> Events:
    """Remove all events in one rectangle, a share `level` of the sensor's area, at a random position.

    It has the sensor's shape. Its sides in whole pixels are rounded up or down at random, each on its own, so
    that the mean area over recordings is the level. Tonic's DropEventByArea rounds both down, and never
    reaches the right or lower border.
    """
    width, height, _ = sensor_size
    left, right = _part(width, math.sqrt(level), random)
    top, bottom = _part(height, math.sqrt(level), random)
    x, y = events["x"], events["y"]
    return events[~((left <= x) & (x < right) & (top <= y) & (y < bottom))]


def _part(side: int, share: float, random: np.random.Generator) -> tuple[int, int]:
    """First pixel of a random part of a side and the one after its last; on average a `share` of the side."""
    length = math.floor(share * side + random.random())
    first = int(random.integers(side - length + 1))
    return first, first + length


def dead_pixels(events: Events, level: float, sensor_size: SensorSize, random: np.random.Generator) -> Events:
    """Remove the events of a share `level` of the pixels, drawn anew for each recording.

    Same result as tonic's DropPixel, which loops over all events once per pixel.
    """
    width, height, _ = sensor_size
    dead = np.zeros(width * height, dtype=bool)
    dead[random.choice(width * height, round(level * width * height), replace=False)] = True
    return events[~dead.reshape(width, height)[events["x"], events["y"]]]


def occlusion(events: Events, level: float, sensor_size: SensorSize, random: np.random.Generator) -> Events:
    """A vertical bar that hides a share `level` of the columns moves across the sensor once.

    It leaves at one side and re-enters at the other; start and direction are random. The bar's own edges make
    no events.
    """
    width = sensor_size[0]
    start, right = random.uniform(0, width), random.choice([-1, 1])
    return events[~hidden(events, level * width, width, start, right)]


def hidden(events: Events, bar: float, width: int, start: float, right: int) -> np.ndarray:
    """Which events are behind a bar (n,), `bar` pixels wide, whose left edge is at `start` at time 0."""
    left = start + right * width / max(int(events["t"][-1]), 1) * events["t"]
    return (events["x"] + 0.5 - left) % width < bar


def cropped_field(
    events: Events, level: float, sensor_size: SensorSize, random: np.random.Generator
) -> Events:
    """Keep the centre only; a share `level` of width and of height is lost.

    Tonic's CenterCrop, with positions unchanged.
    """
    from tonic.transforms import CenterCrop

    width, height, _ = sensor_size
    size = round((1 - level) * width), round((1 - level) * height)
    seen = CenterCrop(sensor_size, size)(events)
    seen["x"] += (width - size[0]) // 2
    seen["y"] += (height - size[1]) // 2
    return seen

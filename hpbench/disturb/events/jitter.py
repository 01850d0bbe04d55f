"""Disturbances that change times, positions or polarities of events.

Each takes a recording with at least one event, a level above 0, the sensor's size and a generator.
"""

import numpy as np

from hpbench.data.events.source import EVENT, Events, SensorSize
from hpbench.disturb.seeded import tonic_draws


def time_jitter(events: Events, level: float, sensor_size: SensorSize, random: np.random.Generator) -> Events:
    """Add normal noise of standard deviation `level` microseconds to the times.

    Tonic's TimeJitter. Events before time 0 are lost.
    """
    from tonic.transforms import TimeJitter

    signed = events.astype([("x", "<u2"), ("y", "<u2"), ("t", "<i8"), ("p", "?")])  # tonic tests t < 0
    with tonic_draws(random):
        moved = TimeJitter(std=level, clip_negative=True)(signed)
    return moved[np.argsort(moved["t"], kind="stable")].astype(EVENT)


def spatial_jitter(
    events: Events, level: float, sensor_size: SensorSize, random: np.random.Generator
) -> Events:
    """Add normal noise of standard deviation `level` pixels to the positions, along each axis.

    Tonic's SpatialJitter, applied to pixel centres, since it rounds down. Events outside the sensor are lost.
    """
    from tonic.transforms import SpatialJitter

    centres = events.astype([("x", "<f8"), ("y", "<f8"), ("t", "<u4"), ("p", "?")])
    centres["x"] += 0.5
    centres["y"] += 0.5
    jitter = SpatialJitter(sensor_size, var_x=level**2, var_y=level**2, clip_outliers=True)
    with tonic_draws(random):
        return jitter(centres).astype(EVENT)


def polarity_flip(
    events: Events, level: float, sensor_size: SensorSize, random: np.random.Generator
) -> Events:
    """Each event changes between ON and OFF with probability `level`.

    Tonic's RandomFlipPolarity flips all events of a recording, or none.
    """
    flipped = events.copy()
    flipped["p"] ^= random.random(len(events)) < level
    return flipped

"""The table of all corruptions of event streams."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hpbench.core.errors import InputError, nearest
from hpbench.data.events.source import Events, SensorSize
from hpbench.disturb.disturbance import Disturbance
from hpbench.disturb.events.jitter import polarity_flip, spatial_jitter, time_jitter
from hpbench.disturb.events.losses import (
    cropped_field,
    dead_pixels,
    drop_area,
    drop_events,
    drop_time,
    occlusion,
)
from hpbench.disturb.events.noise import background_activity, hot_pixels, load_noise, recorded_noise
from hpbench.disturb.seeded import recording_generator

RECORDED = "recorded_noise"


class DisturbedBy(NamedTuple):
    """A disturbance by its name in EVENT_DISTURBANCES, its level, and the seed of the noise.

    `data_root` is searched for recorded noise. Recordings are numbered from `first`, so that recordings of
    several sources get different noise.
    """

    name: str
    level: float
    seed: int
    data_root: Path | None = None
    first: int = 0

    def check(self) -> None:
        """Raise InputError for an unknown name, a level out of range, or a negative seed."""
        if self.name not in EVENT_DISTURBANCES:
            raise InputError(
                f"disturbance {self.name!r} is unknown: {nearest(self.name, EVENT_DISTURBANCES)}"
            )
        EVENT_DISTURBANCES[self.name].check(self.level)
        if self.seed < 0:
            raise InputError(f"noise seed {self.seed}: expected at least 0")


def disturbed(events: Events, by: DisturbedBy, sensor_size: SensorSize, sample: int) -> Events:
    """Recording number `sample` of a source, disturbed; independent of other recordings."""
    if not by.level:
        return events
    apply = EVENT_DISTURBANCES[by.name].apply
    if by.name == RECORDED:
        apply = functools.partial(apply, noise=load_noise(by.data_root))
    return apply(
        events, by.level, sensor_size, recording_generator(by.seed, by.name, by.level, by.first + sample)
    )


def _entry(
    apply: Callable[..., Events],
    meaning: str,
    quantity: str,
    unit: str,
    levels: tuple[float, ...],
    high: float,
) -> Disturbance:
    @functools.wraps(apply)
    def or_none(
        events: Events, level: float, sensor_size: SensorSize, random: np.random.Generator, **more: object
    ) -> Events:
        """Empty recordings are returned as they are: not even their duration is known."""
        return apply(events, level, sensor_size, random, **more) if len(events) else events.copy()

    return Disturbance(apply.__name__, meaning, quantity, unit, levels, high, or_none)


_SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
_RATES = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0)

EVENT_DISTURBANCES = {
    one.name: one
    for one in (
        _entry(
            background_activity,
            "mean rate of additional random events of every pixel",
            "rate of added events",
            "Hz per pixel",
            _RATES,
            1000.0,
        ),
        _entry(
            recorded_noise,
            "mean rate of a sensor's recorded background activity, overlaid on the recording",
            "rate of recorded noise",
            "Hz per pixel",
            _RATES,
            100.0,
        ),
        _entry(
            hot_pixels,
            "share of pixels that fire at 100 Hz, each always ON or always OFF",
            "share of pixels",
            "",
            (0.0, 0.002, 0.005, 0.01, 0.02, 0.05),
            1.0,
        ),
        _entry(
            drop_events, "share of events lost", "share of events", "", (0.0, 0.1, 0.3, 0.5, 0.7, 0.9), 1.0
        ),
        _entry(drop_time, "share of the time lost, in one interval", "share of the time", "", _SHARES, 0.99),
        _entry(
            drop_area,
            "share of the sensor's area lost, in one rectangle",
            "share of the area",
            "",
            (0.0, 0.05, 0.1, 0.15, 0.2, 0.3),
            1.0,
        ),
        _entry(dead_pixels, "share of pixels that are silent", "share of pixels", "", _SHARES, 1.0),
        _entry(
            time_jitter,
            "standard deviation of event times",
            "standard deviation of times",
            "µs",
            (0.0, 1e3, 3e3, 1e4, 3e4, 1e5),
            1e7,
        ),
        _entry(
            spatial_jitter,
            "standard deviation of event positions along each axis",
            "standard deviation of positions",
            "pixels",
            (0.0, 0.5, 1.0, 1.5, 2.0, 3.0),
            1000.0,
        ),
        _entry(
            polarity_flip,
            "share of events that change between ON and OFF",
            "share of events",
            "",
            _SHARES,
            1.0,
        ),
        _entry(
            occlusion,
            "share of columns hidden by a bar that moves across the sensor",
            "share of columns",
            "",
            _SHARES,
            1.0,
        ),
        _entry(
            cropped_field,
            "share of width and height lost around the centre",
            "share of width and height",
            "",
            _SHARES,
            1.0,
        ),
    )
}
"""By name, in the order of reports."""

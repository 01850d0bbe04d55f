"""Events as frames, voxel grids or time surfaces: arrays (T, P, H, W), by tonic's transforms.

The transforms get the sensor as one row of pixels, which is faster, and times in units in which the borders
between time steps are integers, so that every event falls into exactly one step. Tonic's voxel grids and time
surfaces begin with a recording's first event: events on an extra pixel beyond the sensor are added to mark
the beginning and the end of the time shown.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.data.events.source import Events, SensorSize

FAINTEST = 0.01
"""Smallest non-zero value of a time surface: 4.6 time constants after its last event, a pixel is 0."""

_ROW = np.dtype([("x", "<i8"), ("y", "?"), ("t", "<i8"), ("p", "<i1")])  # tonic's voxels need a signed p
_ROW_WITHOUT_Y = np.dtype([("x", "<i8"), ("t", "<i8"), ("p", "?")])


@dataclass
class RepresentationSettings:
    """How recordings are converted to the network's input."""

    representation: str = setting(
        "frames",
        "frames (counts of events), voxel_grid (signed counts, interpolated between the two nearest steps), "
        "or time_surface (exponentially decaying age of each pixel's last event)",
        choices=("frames", "voxel_grid", "time_surface"),
    )
    time_steps: int = setting(10, "steps T of equal length", low=1, high=10_000)
    duration: float = setting(
        300.0,
        "time shown, from a recording's beginning; 0: from its first event to its last",
        unit="ms",
        low=0,
        high=1e6,
    )
    polarity: str = setting(
        "separate", "ON and OFF events in two channels, or merged into one", choices=("separate", "merged")
    )
    counts: str = setting(
        "counts",
        "frames have the number of events (count), or 1 for any number (binary)",
        choices=("counts", "binary"),
        acts_with={"representation": "frames"},
    )
    tau: float = setting(
        30.0,
        "time constant of time surfaces",
        unit="ms",
        low=1e-3,
        high=1e6,
        acts_with={"representation": "time_surface"},
    )
    downsampling: int = setting(
        1, "factor by which the sides of the sensor are divided, rounded up", low=1, high=32
    )

    def check(self) -> None:
        """Raise InputError if settings contradict each other."""
        if self.representation == "voxel_grid" and self.polarity == "merged":
            raise InputError(
                "representation=voxel_grid with polarity=merged: a voxel grid has one channel, in which the "
                "polarity is the sign; use polarity=separate"
            )


def frame_shape(settings: RepresentationSettings, sensor_size: SensorSize) -> tuple[int, int, int, int]:
    """(T, P, H, W) of one recording."""
    width, height, polarities = sensor_size
    if settings.polarity == "merged" or settings.representation == "voxel_grid":
        polarities = 1
    by = settings.downsampling
    return settings.time_steps, polarities, -(-height // by), -(-width // by)


def represent(events: Events, settings: RepresentationSettings, sensor_size: SensorSize) -> NDArray[Any]:
    """A recording as an array (T, P, H, W).

    Frames (int16) count the events of [i·L/T, (i+1)·L/T) in step i, L being the time shown. A voxel grid
    (float16) distributes each event, +1 or -1, to the steps before and after (T-1) t/L by linear
    interpolation (Zhu et al., CVPR 2019, with L in place of the time from the first event to the last). Tonic
    by itself takes T t/L, which loses a part of the last events. A time surface (float16) is exp(-age/tau) at
    the end of each step, with the age of the pixel's last event (Lagorce et al., TPAMI 2016); values below
    FAINTEST are 0. All are 0 without events.
    """
    from tonic.transforms import Downsample, MergePolarities

    shape = frame_shape(settings, sensor_size)
    times = events["t"].astype(np.int64)
    first, length = 0, round(1000 * settings.duration)
    if not length and len(times):
        first, length = int(times[0]), int(times[-1] - times[0]) + 1
    times -= first
    shown = int(np.searchsorted(times, length))
    events, times = events[:shown], times[:shown]
    make, dtype = _MADE[settings.representation]
    if not len(events):  # tonic's ToFrame would swap H and W, the other two transforms would fail
        return np.zeros(shape, dtype)
    if settings.downsampling > 1:
        events = Downsample(spatial_factor=1 / settings.downsampling)(events)
    if settings.polarity == "merged":
        events = MergePolarities()(events)
    pixels = events["y"].astype(np.int64) * shape[3] + events["x"]
    return make(pixels, times, events["p"], length, shape, settings).reshape(shape).astype(dtype)


Column = NDArray[Any]
Shape = tuple[int, int, int, int]


def _frames(
    pixels: Column,
    times: Column,
    polarity: Column,
    length: int,
    shape: Shape,
    settings: RepresentationSettings,
) -> NDArray[Any]:
    from tonic.transforms import ToFrame

    steps, polarities, height, width = shape
    events = np.empty(len(times), _ROW_WITHOUT_Y)
    events["x"], events["t"], events["p"] = pixels, times * steps, polarity  # a step is `length` long
    sensor = (width * height, 1, polarities)
    counts = ToFrame(sensor, time_window=length, start_time=0, end_time=steps * length)(events)
    return counts > 0 if settings.counts == "binary" else counts


def _voxel_grid(
    pixels: Column,
    times: Column,
    polarity: Column,
    length: int,
    shape: Shape,
    settings: RepresentationSettings,
) -> NDArray[Any]:
    from tonic.transforms import ToVoxelGrid

    steps, _, height, width = shape
    # Tonic puts the marks at 0 and T; that of the end comes T/(T-1) times later, so that L is at T-1.
    events = _between_marks(pixels, times * (steps - 1), polarity, length * steps, width * height)
    return ToVoxelGrid((width * height + 1, 1, 2), steps)(events)[..., :-1]


def _time_surface(
    pixels: Column,
    times: Column,
    polarity: Column,
    length: int,
    shape: Shape,
    settings: RepresentationSettings,
) -> NDArray[Any]:
    from tonic.transforms import ToTimesurface

    steps, polarities, height, width = shape
    events = _between_marks(pixels, times * steps, polarity, length * steps, width * height)
    sensor = (width * height + 1, 1, polarities)
    surface = ToTimesurface(sensor, dt=length, tau=1000 * settings.tau * steps)(events)[..., :-1]
    return np.where(surface < FAINTEST, 0, surface)


def _between_marks(pixels: Column, times: Column, polarity: Column, end: int, beyond: int) -> Events:
    """Events with the sensor as one row, plus an event on the extra pixel `beyond` at time 0 and at `end`."""
    events = np.zeros(len(times) + 2, _ROW)
    events["x"][[0, -1]], events["t"][-1] = beyond, end
    inner = events[1:-1]
    inner["x"], inner["t"], inner["p"] = pixels, times, polarity
    return events


_MADE = {
    "frames": (_frames, np.int16),
    "voxel_grid": (_voxel_grid, np.float16),
    "time_surface": (_time_surface, np.float16),
}

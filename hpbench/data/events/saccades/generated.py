"""saccade_mnist and similar sets: event streams generated from images, for use without N-MNIST and network.

Every image is moved along three saccades before a sensor whose pixels respond to changes of log intensity, as
N-MNIST was recorded (Orchard et al., Front. Neurosci. 9:437, 2015). docs/events.md compares the two. Figures
on generated events are not comparable with figures on N-MNIST.
"""

import dataclasses
import functools
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.core.settings import check_settings
from hpbench.data.events.saccades.path import SENSOR, SIDE
from hpbench.data.events.saccades.pixels import Fired
from hpbench.data.events.saccades.sensor import SaccadeSensor
from hpbench.data.events.saccades.settings import SaccadeSettings
from hpbench.data.events.source import EVENT, EventData, Events, SensorSize
from hpbench.data.images.image_data import ImageData, Pixels

VERSION = 1
"""Version of the generator, part of the data's SHA-256; to be raised when generated events change."""

BLOCK = 100
"""Recordings generated together, in fixed blocks, since rounding in matrix products depends on their size."""


def saccade_sources(data: ImageData, settings: SaccadeSettings) -> EventData:
    """Recordings of all images, named "saccade_<name>", generated on access.

    Raises InputError for a setting out of range, and for images other than 28x28 uint8.
    """
    name = f"saccade_{data.name}"
    parts = [
        saccade_recordings(name, images, labels, settings, data.sha256, part)
        for part, (images, labels) in enumerate(
            ((data.train_images, data.train_labels), (data.test_images, data.test_labels))
        )
    ]
    return EventData(
        name=name,
        train=parts[0],
        test=parts[1],
        classes=1 + int(data.train_labels.max()),
        source=f"events of saccades over {data.source}, generated",
        skipped=0,
    )


def saccade_recordings(
    name: str,
    images: Pixels,
    labels: NDArray[np.int64],
    settings: SaccadeSettings,
    sha256: str,
    part: int = 0,
) -> "SaccadeRecordings":
    """Recordings of images (N, 28, 28), which with their labels are part number `part` of a set.

    `sha256` is that of the whole set. Raises InputError as `saccade_sources`.
    """
    check_settings(settings, "")
    recipe = json.dumps([name, VERSION, sha256, dataclasses.asdict(settings)], sort_keys=True)
    fingerprint = hashlib.sha256(f"{recipe} {part}".encode()).hexdigest()
    return SaccadeRecordings(name, _checked(images, name), labels, settings, part, fingerprint)


def _checked(images: Pixels, name: str) -> NDArray[np.uint8]:
    if images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8:
        raise InputError(
            f"data set {name}: events are generated from images of uint8 ({SIDE}, {SIDE}), not of "
            f"{images.dtype} {images.shape[1:]}"
        )
    return images.astype(np.uint8, copy=False)


@dataclass(frozen=True, eq=False)
class SaccadeRecordings:
    """An EventSource of images (N, 28, 28).

    A block's random numbers depend on the seed, the number of the `part`, and the block's first recording.
    """

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    settings: SaccadeSettings
    part: int
    sha256: str

    @property
    def sensor_size(self) -> SensorSize:
        """The sensor size of N-MNIST."""
        return SENSOR, SENSOR, 2

    def __len__(self) -> int:
        return len(self.images)

    def chunk(self, start: int, stop: int) -> list[Events]:
        """Recordings start … stop - 1; the blocks that contain them are generated whole."""
        skipped = start % BLOCK
        blocks = range(start - skipped, min(stop, len(self)), BLOCK)
        return [one for first in blocks for one in self._block(first)][skipped : skipped + stop - start]

    @functools.cached_property
    def _sensor(self) -> SaccadeSensor:
        return SaccadeSensor(self.settings)

    def _block(self, first: int) -> list[Events]:
        images = np.zeros((BLOCK, SIDE, SIDE), np.uint8)
        some = self.images[first : first + BLOCK]
        images[: len(some)] = some
        # Unlike default_rng, the same in all versions of NumPy.
        random = np.random.RandomState([self.settings.seed, self.part, first])
        late = self.settings.timing_spread * np.clip(random.standard_normal((BLOCK, 2)), -3, 3)
        noise = self._sensor.noise(BLOCK, random)
        return recordings([*self._sensor.record(images, late), noise], BLOCK)[: len(some)]


def recordings(fired: Sequence[Fired], number: int) -> list[Events]:
    """Splits `fired` into `number` recordings, each sorted by time, then pixel, then polarity.

    Pixels are numbered as in `SaccadeSensor`.
    """
    pixel, time, on = (np.concatenate(one) for one in zip(*fired, strict=True))
    # An event is one number that sorts as events do: time from bit 12 on, pixel from bit 1 on, polarity.
    places = np.arange(SENSOR * SENSOR, dtype=np.uint32).reshape(SENSOR, SENSOR)
    keys = np.repeat(places << 1, number, axis=0).ravel()[pixel]
    keys |= time.astype(np.uint32) << 12
    keys |= on
    recording = np.tile(np.repeat(np.arange(number, dtype=np.uint8), SENSOR), SENSOR)[pixel]
    keys = keys[np.argsort(recording, kind="stable")]
    ends = np.cumsum(np.bincount(recording, minlength=number))[:-1]
    for one in np.split(keys, ends):
        one.sort()
    events = np.empty(len(keys), EVENT)
    events["t"] = keys >> 12
    place = keys >> 1 & 0x7FF
    row, column = np.divmod(np.arange(SENSOR * SENSOR, dtype=np.uint16), SENSOR)
    events["x"], events["y"] = column[place], row[place]
    events["p"] = keys & 1
    return np.split(events, ends)

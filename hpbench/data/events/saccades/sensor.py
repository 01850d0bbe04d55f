"""An event camera before which images move along the saccades; makes many recordings at once."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hpbench.data.events.saccades.path import SENSOR, SIDE, clocks, overlaps, path_steps
from hpbench.data.events.saccades.pixels import Fired, Pixels
from hpbench.data.events.saccades.settings import SaccadeSettings


class SaccadeSensor:
    """Path, optics, and the pixels' individual thresholds and noise rates, the same for all recordings.

    Luminance is 1 on the bright background and 1/contrast on full ink. `Fired.pixel` of n recordings is
    (row·n + recording)·34 + column.
    """

    def __init__(self, settings: SaccadeSettings) -> None:
        self.settings = settings
        self.moments, places = path_steps(settings.amplitude)
        self.across, self.down = (overlaps(one, settings.blur) for one in places.T)
        random = np.random.RandomState(settings.sensor_seed)  # unlike default_rng, the same in all versions
        on, off, noise = random.standard_normal((3, SENSOR, SENSOR))
        self.on = (settings.on_threshold * np.exp(settings.mismatch * on)).astype(np.float32)
        self.off = (settings.off_threshold * np.exp(settings.mismatch * off)).astype(np.float32)
        spread = settings.noise_spread
        self.noise_rates = settings.noise_rate * np.exp(spread * noise - spread**2 / 2)

    def record(self, images: NDArray[np.uint8], late: NDArray[np.float64]) -> Iterator[Fired]:
        """Events of images (n, 28, 28), one item per step of the path.

        late: (n, 2), delays of the second and the third saccade in milliseconds.
        """
        number = len(images)
        ink = 1 - 1 / self.settings.contrast
        rows = images.transpose(1, 0, 2).reshape(-1, SIDE).astype(np.float32)
        rows *= np.float32(ink / 255)

        def dark(across: NDArray[np.float32], down: NDArray[np.float32]) -> NDArray[np.float32]:
            """The difference of pixels' luminance from the background's."""
            return (down @ (rows @ across.T).reshape(SIDE, -1)).ravel()

        on, off = (np.repeat(one, number, axis=0).ravel() for one in (self.on, self.off))
        darkest = np.minimum(dark(self.across.max(0), self.down.max(0)), ink)
        reached = np.flatnonzero(-np.log1p(-darkest) >= np.minimum(on, off))  # no other pixel can fire
        seen = (np.log(1 - dark(*one)[reached]) for one in zip(self.across, self.down, strict=True))
        recording = reached // SENSOR % number
        pixels = Pixels(next(seen), on[reached], off[reached], 1000 * self.settings.refractory, recording)
        times = 1000 * clocks(self.moments, late)
        for log_intensity, begin, end in zip(seen, times[:-1], times[1:], strict=True):
            fired = pixels.advance(log_intensity, begin, end)
            yield fired._replace(pixel=reached[fired.pixel])

    def noise(self, number: int, random: np.random.RandomState) -> Fired:
        """Background activity of `number` recordings: a Poisson process in every pixel."""
        duration = 1000 * self.moments[-1]
        upto = np.cumsum(np.repeat(self.noise_rates, number, axis=0))
        events = random.poisson(upto[-1] * duration / 1e6)
        pixel = np.searchsorted(upto, random.random_sample(events) * upto[-1], side="right")
        time = random.random_sample(events) * duration
        return Fired(pixel, time, random.random_sample(events) < self.settings.noise_on)

"""Settings of the saccade generator; the defaults were fitted to N-MNIST (docs/events.md)."""

from dataclasses import dataclass

from hpbench.core.settings import setting


@dataclass
class SaccadeSettings:
    """Movement, display, optics and sensor."""

    amplitude: float = setting(1.0, "size of the movement, 1 as measured from N-MNIST", low=0, high=4)
    timing_spread: float = setting(
        2.5, "standard deviation of the onset of the second and third saccade", unit="ms", low=0, high=5
    )
    contrast: float = setting(
        6.7, "luminance of the bright background over that of full ink", low=1, high=1000
    )
    blur: float = setting(
        0.51, "standard deviation of the optics' blur", unit="pixels of the sensor", low=0.1, high=3
    )
    on_threshold: float = setting(
        0.266, "rise of the log intensity that makes an ON event", low=0.05, high=10
    )
    off_threshold: float = setting(
        0.255, "fall of the log intensity that makes an OFF event", low=0.05, high=10
    )
    mismatch: float = setting(
        0.1, "standard deviation of the thresholds' logarithms over pixels", low=0, high=0.5
    )
    refractory: float = setting(
        0.2, "time for which a pixel is blind after an event", unit="ms", low=0, high=100
    )
    noise_rate: float = setting(
        0.37, "background activity of a pixel, mean", unit="events/s", low=0, high=100
    )
    noise_spread: float = setting(
        0.6, "standard deviation of the background activity's logarithm over pixels", low=0, high=2
    )
    noise_on: float = setting(0.976, "share of ON events in the background activity", low=0, high=1)
    sensor_seed: int = setting(0, "seed of the differences between pixels", low=0, high=2**32 - 1)
    seed: int = setting(0, "seed of timing and background activity", low=0, high=2**32 - 1)

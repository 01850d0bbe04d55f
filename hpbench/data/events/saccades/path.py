"""The three saccades of N-MNIST: the position of the image on the sensor over time.

The camera turned, so that the image moved along the sides of a triangle, each in about 100 ms (Orchard et
al., Front. Neurosci. 9:437, 2015). The path here was measured on the recordings of MNIST's first 500 digits.
"""

import numpy as np
from numpy.typing import NDArray

SIDE = 28
"""Side of an image in pixels, which have the size of the sensor's pixels."""

SENSOR = 34
"""Side of the part of the sensor that is recorded, in pixels; the image moves around its centre."""

PATH_STEP = 10
"""Milliseconds between the positions in PATH."""

PATH = (
    (-2.46, -1.79),
    (-2.50, -1.51),
    (-2.56, -1.22),
    (-2.61, -0.55),
    (-2.62, 0.52),
    (-2.51, 1.79),
    (-1.95, 2.84),
    (-1.33, 3.48),
    (-0.99, 3.65),
    (-0.90, 3.67),
    (-0.79, 3.52),
    (-0.64, 3.42),
    (-0.44, 3.46),
    (0.06, 3.22),
    (0.76, 2.41),
    (1.35, 1.23),
    (1.55, 0.02),
    (1.94, -1.07),
    (2.29, -1.60),
    (2.47, -1.70),
    (2.66, -1.57),
    (2.89, -1.54),
    (3.01, -1.61),
    (2.73, -1.70),
    (1.82, -1.58),
    (0.82, -1.57),
    (-0.26, -1.62),
    (-1.30, -1.70),
    (-1.90, -1.82),
    (-2.37, -1.82),
    (-2.52, -1.77),
    (-2.44, -1.70),
)
"""Positions x, y of the image's centre, in pixels right of and below the sensor's centre. The first saccade
starts the recording; the others begin at about 110 and 225 ms."""

BEGIN = (80, 110), (175, 222)
"""Begin and end in ms of the slow stretches in which the delays of the second and third saccade build up."""

STEP_PIXELS, STEP_MILLISECONDS = 0.22, 4.0
"""Upper limits on a step of the path. With steps a seventh as long there are 0.3 % more events."""


def path_steps(amplitude: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The path in short steps: times (K,) in milliseconds, and positions x, y at these times, (K, 2).

    amplitude: factor of all positions.
    """
    from scipy.interpolate import CubicSpline

    place = CubicSpline(PATH_STEP * np.arange(len(PATH)), amplitude * np.array(PATH))
    fine = np.linspace(0, PATH_STEP * (len(PATH) - 1), 10_000)
    speed = np.hypot(*place(fine, 1).T)
    steps = np.cumsum(np.maximum(speed / STEP_PIXELS, 1 / STEP_MILLISECONDS)) * (fine[1] - fine[0])
    steps -= steps[0]
    moments = np.interp(np.linspace(0, steps[-1], 1 + int(np.ceil(steps[-1]))), steps, fine)
    return moments, place(moments)


def clocks(moments: NDArray[np.float64], late: NDArray[np.float64]) -> NDArray[np.float64]:
    """The times (K, n) in milliseconds at which each recording reaches the path's times `moments` (K,).

    late: (n, 2), delays of its second and its third saccade in milliseconds.
    """
    second, third = (np.interp(moments, begin, (0, 1)) for begin in BEGIN)
    return moments[:, None] + np.stack([second - third, third], 1) @ late.T


def overlaps(places: NDArray[np.float64], blur: float) -> NDArray[np.float32]:
    """Weights (K, 34, 28) of the image's pixels in the sensor's pixels along one axis.

    places: (K,), positions of the image's centre; blur: standard deviation of the optics in pixels. Image
    pixels are squares, blurred by a Gaussian and sampled at the centres of the sensor's pixels.
    """
    from scipy.special import ndtr

    points = np.arange(SENSOR) - (SENSOR - 1) / 2
    edges = np.arange(SIDE + 1) - SIDE / 2
    covered = ndtr((edges - (points[:, None] - places[:, None, None])) / blur)
    return np.diff(covered, axis=2).astype(np.float32)

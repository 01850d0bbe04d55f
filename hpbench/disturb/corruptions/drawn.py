"""Stripes and lines of MNIST-C.

Numbers of pixels are those published for a side of 28; places that count from the right do so for every side.
"""

from collections.abc import Callable
from itertools import pairwise
from math import atan, cos, sin

import numpy as np
from numpy.typing import NDArray

from hpbench.disturb.corruptions.planes import Images, Values

_REACH = 2.3
"""Distance from a line, in pixels, at which it ends."""


def stripe(images: Images, random: np.random.Generator) -> Images:
    """The left and the right quarter become negatives."""
    quarter = images.shape[-1] // 4
    striped = images.copy()
    for part in (slice(None, quarter), slice(-quarter, None)):
        striped[..., part] = 1 - images[..., part]
    return striped


def dotted_line(images: Images, random: np.random.Generator) -> Images:
    """A line from the left to the right, of which two columns of pixels in four are drawn."""
    side = images.shape[-1]
    ends = random.integers(0, side - 1, (len(images), 2))
    shown = np.arange(side) // 2 % 2 == 1
    return images + _drawn(ends, lambda first, last: shown * line(side, 0, first, side - 1, last))


def zigzag(images: Images, random: np.random.Generator) -> Images:
    """A zigzag line from the left to the right."""
    side = images.shape[-1]
    first = random.integers(0, side - 1, len(images))
    ends = np.stack([first, first + random.integers(-5, 5, len(images))], 1)
    return images + _drawn(ends, lambda start, end: np.minimum(zigzag_line(side, start, end), 1))


def _drawn(ends: NDArray[np.int64], draw: Callable[[int, int], Values]) -> Values:
    """The drawing (N, 1, S, S) for each pair of ends (N, 2); equal ones are drawn once."""
    pairs, which = np.unique(ends, axis=0, return_inverse=True)
    drawings = np.stack([draw(int(one), int(other)) for one, other in pairs])
    found: Values = drawings[which.ravel(), None]
    return found


def line(side: int, left: float, first: float, right: float, last: float) -> Values:
    """(S, S): a line from (column `left`, row `first`) to (`right`, `last`), 1 in its middle.

    It falls as 1 + log(1 - d / 2.3) with the vertical distance d, to 0 at the least.
    """
    if left == right:
        return np.zeros((side, side))
    column, row = np.meshgrid(np.arange(side), np.arange(side), sparse=True)
    height = first + (last - first) / (right - left) * (column - left)
    distance = np.minimum(np.abs(row - height), _REACH - 1e-10)
    inside = (column >= np.floor(left)) & (column < np.ceil(right))
    return inside * np.clip(1 + np.log(1 - distance / _REACH), 0, 1)


def zigzag_line(side: int, start: int, end: int) -> Values:
    """(S, S): lines of a zigzag between (column 2, row `start`) and (column S - 3, row `end`), summed.

    Its teeth are 4 pixels wide and 2 high. The last point is as in the released program.
    """
    left, right, step, height = 2, side - 3, 2.0, 2.0
    turn = atan((end - start) / (right - left))
    length = (right - left) / cos(turn)
    teeth = int((length - step) // (2 * step)) + 1
    points = [(0.0, 0.0), *((step * (2 * tooth + 1), (-1) ** tooth * height) for tooth in range(teeth))]
    whole = 2 * step * (length // (2 * step))
    if length != whole:
        points.append((length, points[-1][1] / (2 * (length - whole))))
    rotation = np.array([[cos(turn), -sin(turn)], [sin(turn), cos(turn)]])
    places = np.array(points) @ rotation.T + (left, start)
    drawn: Values = sum(  # type: ignore[assignment]
        line(side, x, y, further, lower) for (x, y), (further, lower) in pairwise(places)
    )
    return drawn

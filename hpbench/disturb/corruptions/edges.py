"""Edges in place of the image (Canny, IEEE TPAMI 8:679, 1986), with the constants of scikit-image."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hpbench.disturb.corruptions.planes import Images

_DEVIATION = 1.0
_WEAK, _STRONG = 0.1, 0.2
"""Gradients from which an edge goes on, and from which it begins."""


def canny_edges(images: Images, random: np.random.Generator) -> Images:
    """1 at the edges of every channel, else 0; none at the border of an image."""
    planes = images.reshape(-1, *images.shape[2:]).astype(float)
    return edges(planes).reshape(images.shape).astype(float)


def edges(planes: Images) -> NDArray[np.bool_]:
    """Where the edges of planes (N, H, W) are: thin lines of gradients that are strong somewhere."""
    deviations = (0, _DEVIATION, _DEVIATION)
    smooth = ndimage.gaussian_filter(planes, deviations, mode="constant")
    # Weights of a Gaussian that lie outside of the image do not count.
    smooth /= ndimage.gaussian_filter(np.ones((1, *planes.shape[1:])), deviations, mode="constant")
    down, across = _sobel(smooth, 1, 2), _sobel(smooth, 2, 1)
    size = np.sqrt(down**2 + across**2)
    weak = _largest_across(down, across, size) & (size >= _WEAK)
    lines = np.zeros((3, 3, 3), dtype=bool)
    lines[1] = True  # neighbours in the same plane
    labels, count = ndimage.label(weak, lines)
    begun = np.zeros(count + 1, dtype=bool)
    begun[labels[weak & (size >= _STRONG)]] = True
    found: NDArray[np.bool_] = begun[labels]
    return found


def _sobel(planes: Images, axis: int, other: int) -> Images:
    """Differences along an axis, smoothed along the other one."""
    return ndimage.correlate1d(ndimage.correlate1d(planes, [-1, 0, 1], axis), [1, 2, 1], other)


def _largest_across(down: Images, across: Images, size: Images) -> NDArray[np.bool_]:
    """Where a gradient is no smaller than those one step ahead and behind, in its own direction.

    These lie between two of the eight neighbours, and are interpolated.
    """
    steep = np.abs(down) >= np.abs(across)
    longer = np.where(steep, np.abs(down), np.abs(across))
    shorter = np.where(steep, np.abs(across), np.abs(down))
    weight = shorter / np.where(longer > 0, longer, 1)
    rows, columns = np.sign(down).astype(int), np.sign(across).astype(int)
    number, height, width = size.shape
    plane, row, column = np.ogrid[:number, :height, :width]
    largest = np.zeros(size.shape, dtype=bool)
    largest[:, 1:-1, 1:-1] = True
    for side in (1, -1):
        further_row = (row + side * rows).clip(0, height - 1)
        further_column = (column + side * columns).clip(0, width - 1)
        straight = np.where(steep, size[plane, further_row, column], size[plane, row, further_column])
        oblique = size[plane, further_row, further_column]
        largest &= oblique * weight + straight * (1 - weight) <= size
    return largest

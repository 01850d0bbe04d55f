"""Changes of place: affine maps as in MNIST-C, and elastic ones as in CIFAR-10-C.

A matrix (2, 3) maps places (column, row) of the result to places in the image, between whose pixels values
are interpolated linearly.
"""

from math import cos, sin
from typing import Any

import numpy as np
from scipy import ndimage

from hpbench.disturb.corruptions.planes import Images, Values

Matrix = Values


def shear(images: Images, random: np.random.Generator, angle: float) -> Images:
    """Rows are shifted by sin(± angle) for each row of distance from the middle, and drawn apart by cos."""
    return _to_either_side(
        images, random, lambda sign: _about_middle(images, [[1, -sin(sign * angle)], [0, cos(angle)]])
    )


def rotate(images: Images, random: np.random.Generator, angle: float) -> Images:
    """A turn about the middle by ± `angle`, in radians."""

    def turned(sign: int) -> Matrix:
        cosine, sine = cos(angle), sin(sign * angle)
        return _about_middle(images, [[cosine, -sine], [sine, cosine]])

    return _to_either_side(images, random, turned)


def scale(images: Images, random: np.random.Generator, factor: float) -> Images:
    """Shrunk about the middle to `factor` of its size."""
    return warped(images, _about_middle(images, [[1 / factor, 0], [0, 1 / factor]]))


def translate(images: Images, random: np.random.Generator, pixels: int) -> Images:
    """Moved by `pixels` to the left or right, and up or down."""
    signs = 2 * random.integers(0, 2, (2, len(images))) - 1
    moved = np.empty_like(images)
    for across in (-1, 1):
        for down in (-1, 1):
            own = (signs[0] == across) & (signs[1] == down)
            matrix = np.array([[1.0, 0, across * pixels], [0, 1, down * pixels]])
            moved[own] = warped(images[own], matrix)
    return moved


def _to_either_side(images: Images, random: np.random.Generator, matrix: Any) -> Images:
    signs = 2 * random.integers(0, 2, len(images)) - 1
    changed = np.empty_like(images)
    for sign in (-1, 1):
        changed[signs == sign] = warped(images[signs == sign], matrix(sign))
    return changed


def _about_middle(images: Images, linear: list[list[float]]) -> Matrix:
    """A linear map with the translation that leaves the middle of the images where it is."""
    map_ = np.array(linear)
    middle = np.full(2, (images.shape[-1] - 1) / 2)
    return np.column_stack([map_, middle - map_ @ middle])


def warped(images: Images, matrix: Matrix) -> Images:
    """The images seen through a map of places; 0 beyond their borders."""
    side = images.shape[-1]
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    x, y = np.einsum("ij,jhw->ihw", matrix, np.stack([column, row, np.ones_like(row)]))
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    found = np.zeros(images.shape)
    for i in (0, 1):
        for j in (0, 1):
            rows, columns = top + i, left + j
            weight = (1 - np.abs(y - rows)) * (1 - np.abs(x - columns))
            inside = (rows >= 0) & (rows < side) & (columns >= 0) & (columns < side)
            corner = images[..., rows.clip(0, side - 1), columns.clip(0, side - 1)]
            found += corner * (weight * inside)
    return found.astype(images.dtype)


def elastic(
    images: Images, random: np.random.Generator, strength: float, smoothness: float, reach: float
) -> Images:
    """A random affine map, then places moved by smooth noise; borders are mirrored.

    The constants are shares of the side: three points about the middle are moved by up to `reach`, and
    uniform noise from -1 to 1, smoothed by a Gaussian of deviation `smoothness`, is multiplied by `strength`.
    """
    number, _, side, _ = images.shape
    places = np.indices((side, side))[::-1].reshape(2, -1)  # (column, row) of every pixel
    back = _random_affine(random, number, side, reach * side)
    x, y = np.moveaxis(back @ np.vstack([places, np.ones(side * side)]), 1, 0).reshape(2, number, side, side)
    noise = random.uniform(-1, 1, (2, number, side, side))
    smooth = ndimage.gaussian_filter(noise, (0, 0, smoothness * side, smoothness * side), truncate=3)
    column, row = places.reshape(2, 1, side, side)
    across, down = strength * side * smooth
    turned = _sampled(images, x, y, twice_at_the_border=False)
    return _sampled(turned, column + across, row + down, twice_at_the_border=True)


def _random_affine(random: np.random.Generator, number: int, side: int, reach: float) -> Matrix:
    """(N, 2, 3): inverses of maps that move three corners of a square in the middle by up to `reach`."""
    middle, half = side // 2, side // 3
    before = np.array([[half, half], [half, -half], [-half, -half]]) + middle
    after = before + random.uniform(-reach, reach, (number, 3, 2))
    # Places in the image are those before the map, found from those after it.
    known = np.concatenate([after, np.ones((number, 3, 1))], axis=2)
    return np.moveaxis(np.linalg.solve(known, np.broadcast_to(before, after.shape)), 1, 2)


def _sampled(images: Images, x: Values, y: Values, *, twice_at_the_border: bool) -> Images:
    """Values at places (N, S, S) of each image; beyond the border, the image goes on mirrored.

    The pixels at the border are met once in the mirror (`mirror` of SciPy), or twice (`reflect`).
    """
    side = images.shape[-1]
    period = 2 * side if twice_at_the_border else 2 * side - 2

    def folded(places: Values) -> Values:
        within = places % period
        return np.where(within < side, within, period - within - int(twice_at_the_border))

    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    every = np.arange(len(images))[:, None, None]
    pixels = np.moveaxis(images, 1, 3)  # so that indexing keeps (N, S, S, C)
    found = np.zeros(pixels.shape)
    for i in (0, 1):
        for j in (0, 1):
            weight = (1 - np.abs(y - top - i)) * (1 - np.abs(x - left - j))
            found += weight[..., None] * pixels[every, folded(top + i), folded(left + j)]
    return np.moveaxis(found, 3, 1)

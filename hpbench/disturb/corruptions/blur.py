"""Blur: out of focus, through glass, in motion, while zooming."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from scipy import ndimage, sparse

from hpbench.disturb.corruptions.planes import Images, Values


def defocus(images: Images, random: np.random.Generator, radius: float, softness: float) -> Images:
    """Means over a disc, its edge smoothed by a Gaussian of deviation `softness`; borders are mirrored."""
    return ndimage.correlate(images, disc(radius, softness)[None, None], mode="mirror")


def disc(radius: float, softness: float) -> Values:
    """The kernel of `defocus`, of sum 1, without the zeros around it."""
    reach = ceil(radius) + 2
    x, y = np.meshgrid(np.arange(-reach, reach + 1), np.arange(-reach, reach + 1))
    inside = (x**2 + y**2 <= radius**2).astype(float)
    width = 1 if radius <= 8 else 2
    edge = np.exp(-0.5 * (np.arange(-width, width + 1) / softness) ** 2)
    for axis in (0, 1):
        inside = ndimage.correlate1d(inside, edge / edge.sum(), axis, mode="constant")
    return inside / inside.sum()


def glass(
    images: Images, random: np.random.Generator, deviation: float, reach: int, rounds: int, *, grey: bool
) -> Images:
    """A Gaussian blur, pixels that move by up to `reach`, and the same blur again.

    From the lower right to the upper left, every pixel meets one of a random place near it. The released
    programs differ from each other, and both from what was meant; this does what they do. That of MNIST-C
    (`grey`) exchanges the two in half of the cases, and blurs along columns of pixels alone; that of
    CIFAR-10-C gives the first the value of the second, which stays.
    """
    deviations = (0, 0, deviation, 0 if grey else deviation)
    blurred = np.floor(255 * ndimage.gaussian_filter(images, deviations, mode="nearest")) / 255
    pixels = np.ascontiguousarray(np.moveaxis(blurred, (2, 3), (0, 1)))  # (S, S, N, C)
    number, side = len(images), images.shape[-1]
    every = np.arange(number)
    for _ in range(rounds):
        for row in range(side - reach, reach, -1):
            for column in range(side - reach, reach, -1):
                across, down = random.integers(-reach, reach, (2, number))
                chosen = every[random.random(number) < 0.5] if grey else every
                other = row + down[chosen], column + across[chosen], chosen
                met = pixels[other]
                if grey:
                    pixels[other] = pixels[row, column, chosen]
                pixels[row, column, chosen] = met
    return ndimage.gaussian_filter(np.moveaxis(pixels, (0, 1), (2, 3)), deviations, mode="nearest")


def motion(images: Images, random: np.random.Generator, radius: int, deviation: float) -> Images:
    """`moved` at a random angle between -45 and 45 degrees in every image."""
    return moved(images, random.uniform(-45, 45, len(images)), radius, deviation)


def moved(images: Images, angles: Values, radius: int, deviation: float) -> Images:
    """Means over a line from each pixel at an angle (N,) in degrees, as ImageMagick's MotionBlur.

    The weights of its 2 `radius` + 1 pixels fall off as half a Gaussian. Beyond the border are the pixels at
    the border.
    """
    side = images.shape[-1]
    steps = np.arange(2 * radius + 1)
    weights = np.exp(-0.5 * (steps / deviation) ** 2)
    weights /= weights.sum()
    turns = np.deg2rad(angles)[:, None]
    across = np.ceil(steps * np.cos(turns) - 0.5).astype(int) + 2 * radius
    down = np.ceil(steps * np.sin(turns) - 0.5).astype(int) + 2 * radius
    margin = (2 * radius, 2 * radius)
    found = np.zeros(images.shape)
    for number, result in enumerate(found):
        image = np.pad(images[number], ((0, 0), margin, margin), mode="edge")
        for weight, top, left in zip(weights, down[number], across[number], strict=True):
            result += weight * image[:, top : top + side, left : left + side]
    return found


def zoom(images: Images, random: np.random.Generator, factors: Sequence[float]) -> Images:
    """The mean of the image and of what it looks like when zoomed in by each of the factors."""
    side = images.shape[-1]
    lines = [sparse.csr_array(_zooming(side, factor)) for factor in factors]
    total = sparse.eye_array(side**2) + sum(sparse.kron(line, line) for line in lines)
    seen = total @ images.reshape(-1, side**2).T / (1 + len(factors))
    return seen.T.reshape(images.shape)


def zoomed(images: Images, factor: float) -> Images:
    """The middle of the images, enlarged by `factor` to their size, interpolated linearly."""
    matrix = _zooming(images.shape[-1], factor)
    return matrix @ images @ matrix.T


def _zooming(side: int, factor: float) -> Values:
    """(S, S): each pixel of a zoomed line as a mean of two of the line."""
    cropped = ceil(side / factor)
    wide = round(cropped * factor)
    places = (side - cropped) // 2 + (np.arange(side) + (wide - side) // 2) * (cropped - 1) / (wide - 1)
    return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(side)))

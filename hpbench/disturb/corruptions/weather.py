"""Fog, snow and splashes."""

import numpy as np
from scipy import ndimage

from hpbench.disturb.corruptions.blur import moved, zoomed
from hpbench.disturb.corruptions.planes import Images, Values
from hpbench.tasks.image_shape import COLOURS

_AT_ONCE = 8
"""Fractals computed together: 256 x 256 values each."""

_MUD = 63 / 255
_LUMINANCE = np.array([0.299, 0.587, 0.114]).reshape(-1, 1, 1)


def fog(images: Images, random: np.random.Generator, strength: float, decay: float, side: int) -> Images:
    """A random fractal of this strength is added; then all is scaled so that the brightest pixel stays it.

    Fractals of `side` pixels, or more for larger images, are cut to the image.
    """
    brightest = images.max((1, 2, 3), keepdims=True)
    size = images.shape[-1]
    side = max(side, 1 << (size - 1).bit_length())
    clouds = np.concatenate(
        [
            plasma(random, len(some), side, decay)[:, None, :size, :size]
            for some in np.split(images, range(_AT_ONCE, len(images), _AT_ONCE))
        ]
    )
    return (images + strength * clouds) * brightest / (brightest + strength)


def plasma(random: np.random.Generator, number: int, side: int, decay: float) -> Values:
    """Fractals (N, side, side) from 0 to 1 by the diamond-square algorithm; `side` is a power of two.

    Beginning with a coarse grid, each middle of four points becomes their mean and uniform noise from -w² to
    w²; w is divided by `decay` when the grid becomes twice as fine. Borders meet those opposite.
    """
    heights = np.zeros((number, side, side), np.float32)
    step, size = side, 100.0

    def middle(total: Values) -> Values:
        noise = random.random(total.shape, dtype=np.float32)
        found: Values = total / 4 + np.float32(size**2) * (2 * noise - 1)
        return found

    while step >= 2:
        half = step // 2
        corners = heights[:, ::step, ::step]
        pairs = corners + np.roll(corners, -1, 1)
        heights[:, half::step, half::step] = middle(pairs + np.roll(pairs, -1, 2))
        centres = heights[:, half::step, half::step]
        beside = corners + np.roll(corners, -1, 2) + centres + np.roll(centres, 1, 1)
        heights[:, ::step, half::step] = middle(beside)
        heights[:, half::step, ::step] = middle(pairs + centres + np.roll(centres, 1, 2))
        step, size = half, size / decay
    heights -= heights.min((1, 2), keepdims=True)
    return heights / heights.max((1, 2), keepdims=True)


def snow(
    images: Images,
    random: np.random.Generator,
    mean: float,
    deviation: float,
    enlarged: float,
    threshold: float,
    radius: int,
    blur: float,
    kept: float,
) -> Images:
    """Images become paler, and flakes fall on them from two sides.

    Flakes are normal noise (`mean`, `deviation`), enlarged, and cut off below the threshold; each falls at an
    angle between -135 and -45 degrees (`radius` and `blur` of the motion).
    """
    number, channels, side, _ = images.shape
    layer = zoomed(random.normal(mean, deviation, (number, 1, side, side)), enlarged)
    flakes = np.floor(255 * np.clip(np.where(layer < threshold, 0, layer), 0, 1)) / 255
    fallen = moved(flakes, random.uniform(-135, -45, (number,)), radius, blur)
    grey = (images * _LUMINANCE).sum(1, keepdims=True) if channels == COLOURS else images
    pale = kept * images + (1 - kept) * np.maximum(images, 1.5 * grey + 0.5)
    return pale + fallen + fallen[..., ::-1, ::-1]


def spatter(
    images: Images,
    random: np.random.Generator,
    mean: float,
    deviation: float,
    smoothness: float,
    threshold: float,
    softness: float,
) -> Images:
    """Splashes of mud where smoothed normal noise exceeds a threshold; their edges are softened."""
    number, _, side, _ = images.shape
    wet = random.normal(mean, deviation, (number, side, side))
    wet = ndimage.gaussian_filter(wet, (0, smoothness, smoothness), mode="nearest")
    mud = (wet > threshold).astype(float)
    mud = ndimage.gaussian_filter(mud, (0, softness, softness), mode="nearest")
    mud = np.where(mud < 0.8, 0, mud)[:, None]
    return images * (1 - mud) + _MUD * mud

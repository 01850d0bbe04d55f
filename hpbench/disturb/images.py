"""Noise and missing parts in images.

Each takes images (N, H, W), or (N, 3, H, W) in colour, float in [0, 1], a level and NumPy's generator, and
returns images of the same kind. Noise equals scikit-image's `random_noise` bit for bit.
"""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from hpbench.disturb.disturbance import Disturbance

Images = NDArray[np.float32]


def gaussian(images: Images, level: float, random: np.random.Generator) -> Images:
    """Add normal noise of variance `level`."""
    return _image(images + random.normal(0, level**0.5, images.shape))


def speckle(images: Images, level: float, random: np.random.Generator) -> Images:
    """Multiply every pixel by 1 + n, with n normal of variance `level`."""
    return _image(images + images * random.normal(0, level**0.5, images.shape))


def salt_and_pepper(
    images: Images, level: float, random: np.random.Generator, *, salt_share: float
) -> Images:
    """Change a share `level` of the pixels: `salt_share` of these to 1, the others to 0."""
    changed = _by_chance(level, images.shape, random)
    salted = _by_chance(salt_share, images.shape, random)
    return _image(np.where(changed, salted, images))


def _by_chance(share: float, shape: tuple[int, ...], random: np.random.Generator) -> NDArray[np.bool_]:
    """True for this share of the elements; like scikit-image, draws nothing if the share is 0 or 1."""
    if share in (0, 1):
        return np.full(shape, bool(share))
    return random.random(shape) <= share


def _image(values: NDArray[np.floating]) -> Images:
    return np.clip(values, 0, 1).astype(np.float32)


def centre_crop(images: Images, level: float, random: np.random.Generator) -> Images:
    """Set `level` pixels at each border to 0."""
    margin = int(level)
    cropped = np.zeros_like(images)
    height, width = images.shape[-2:]
    inner = (..., slice(margin, height - margin), slice(margin, width - margin))
    cropped[inner] = images[inner]
    return cropped


def occlusion(images: Images, level: float, random: np.random.Generator) -> Images:
    """Set a square, `level` pixels wide, at a random place in each image to 0."""
    count, (height, width) = len(images), images.shape[-2:]
    side = min(int(level), height, width)
    covered = images.copy()
    tops = random.integers(0, height - side + 1, count)
    lefts = random.integers(0, width - side + 1, count)
    for image, top, left in zip(covered, tops, lefts, strict=True):
        image[..., top : top + side, left : left + side] = 0
    return covered


_VARIANCES = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06)  # of the published table
_AMOUNTS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4)

IMAGE_DISTURBANCES: dict[str, Disturbance] = {
    one.name: one
    for one in (
        Disturbance(
            "gaussian",
            "normal noise is added to every pixel; the level is its variance σ²",
            "variance σ²",
            "",
            _VARIANCES,
            10,
            gaussian,
        ),
        Disturbance(
            "salt",
            "random pixels are set to 1; the level is their share",
            "share of pixels",
            "",
            _AMOUNTS,
            1,
            partial(salt_and_pepper, salt_share=1.0),
        ),
        Disturbance(
            "pepper",
            "random pixels are set to 0; the level is their share",
            "share of pixels",
            "",
            _AMOUNTS,
            1,
            partial(salt_and_pepper, salt_share=0.0),
        ),
        Disturbance(
            "salt_and_pepper",
            "random pixels are set to 1 or 0, half each; the level is their share",
            "share of pixels",
            "",
            _AMOUNTS,
            1,
            partial(salt_and_pepper, salt_share=0.5),
        ),
        Disturbance(
            "speckle",
            "every pixel is multiplied by 1 + n, n normal; the level is the variance of n",
            "variance σ² of the factor",
            "",
            (0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0),
            100,
            speckle,
        ),
        Disturbance(
            "centre_crop",
            "the border of the image is set to 0; the level is its width",
            "width of the border",
            "pixels",
            (0.0, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0),
            13,
            centre_crop,
            whole=True,
        ),
        Disturbance(
            "occlusion",
            "a square at a random place is set to 0; the level is its side",
            "side of the square",
            "pixels",
            (0.0, 4.0, 8.0, 10.0, 12.0, 14.0, 16.0),
            28,
            occlusion,
            whole=True,
        ),
    )
}
"""Image corruptions that do not depend on a network, by name."""

"""tiles: generated colour pictures of ten motifs, for use without CIFAR-10 and network.

A tile shows a motif at a random place, in a random size and turn, on a cloudy ground, under uneven light.
Motif and ground have colours of their own; each kind prefers some for its motif. Accuracies are not
comparable with those on CIFAR-10: nearest class mean on pixels reaches 30 %, a perceptron with two hidden
layers 45 %.
"""

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hpbench.data.images.image_data import ImageData

TRAIN_PER_KIND = 500
TEST_PER_KIND = 100
SIDE = 32

Values = NDArray[np.float64]

_EDGE = 0.12
"""Width of an edge, in radii of the motif: pixels there are a mix of both colours."""


@functools.cache
def draw_tiles() -> ImageData:
    """5,000 tiles for training and 1,000 for test, each part in a fixed shuffled order."""
    random = np.random.RandomState(0)  # unlike default_rng, the same in all versions of NumPy

    def part(per_kind: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        labels = random.permutation(np.repeat(np.arange(len(KINDS)), per_kind)).astype(np.int64)
        return draw(labels, random), labels

    train, test = part(TRAIN_PER_KIND), part(TEST_PER_KIND)
    return ImageData("tiles", *train, *test, source="pictures of ten motifs in colour, generated")


def draw(labels: NDArray[np.int64], random: np.random.RandomState) -> NDArray[np.uint8]:
    """A tile (3, 32, 32) for each of the kinds (N,)."""
    number = len(labels)
    shares = _shares(labels, random)[:, None]
    preferred = (labels / len(KINDS) + random.normal(0, 0.12, number)) % 1
    motif = _colours(preferred, random.uniform(0.4, 1, number), random.uniform(0.55, 1, number))
    ground = _colours(random.rand(number), random.uniform(0, 0.8, number), random.uniform(0.1, 0.8, number))
    clouds = ndimage.gaussian_filter(random.standard_normal((number, 3, SIDE, SIDE)), (0, 0, 3, 3))
    behind = ground[..., None, None] + random.uniform(0.3, 1.5, (number, 1, 1, 1)) * clouds
    tiles = shares * motif[..., None, None] + (1 - shares) * behind
    slopes = random.uniform(-0.3, 0.3, (2, number, 1, 1, 1))
    across = np.linspace(-1, 1, SIDE)
    light = 1 + slopes[0] * across + slopes[1] * across[:, None]
    noise = random.normal(0, 0.03, tiles.shape)
    drawn: NDArray[np.uint8] = np.clip(255 * (tiles * light + noise), 0, 255).astype(np.uint8)
    return drawn


def _shares(labels: NDArray[np.int64], random: np.random.RandomState) -> Values:
    """The share of the motif in every pixel (N, 32, 32), from 0 to 1."""
    number = len(labels)
    turn, size = random.uniform(-0.5, 0.5, number), random.uniform(7, 13, number)
    middle = (SIDE - 1) / 2 + random.normal(0, 3, (2, number))
    pixels = np.arange(SIDE)
    x = (pixels[None, None, :] - middle[0, :, None, None]) / size[:, None, None]
    y = (pixels[None, :, None] - middle[1, :, None, None]) / size[:, None, None]
    cosine, sine = np.cos(turn)[:, None, None], np.sin(turn)[:, None, None]
    x, y = cosine * x + sine * y, cosine * y - sine * x
    shares = np.empty((number, SIDE, SIDE))
    for kind, inside in enumerate(KINDS.values()):
        own = labels == kind
        shares[own] = np.clip(0.5 + inside(x[own], y[own]) / _EDGE, 0, 1)
    return shares


def _colours(hue: Values, saturation: Values, value: Values) -> Values:
    """Red, green and blue (N, 3) of hues, saturations and values (N,), all from 0 to 1."""
    place = (np.array([5.0, 3.0, 1.0]) + 6 * hue[:, None]) % 6
    return value[:, None] * (1 - saturation[:, None] * np.clip(np.minimum(place, 4 - place), 0, 1))


def _disc(x: Values, y: Values) -> Values:
    return 1 - np.hypot(x, y)


def _square(x: Values, y: Values) -> Values:
    return 0.85 - np.maximum(np.abs(x), np.abs(y))


def _in_square(x: Values, y: Values, waves: Values) -> Values:
    return np.minimum(_square(x, y) + 0.15, 0.3 * waves)


KINDS: dict[str, Callable[[Values, Values], Values]] = {
    "disc": _disc,
    "ring": lambda x, y: 0.22 - np.abs(np.hypot(x, y) - 0.78),
    "square": _square,
    "triangle": lambda x, y: np.minimum(0.55 - y, 0.5 + 0.5 * y - 0.87 * np.abs(x)),
    "cross": lambda x, y: np.minimum(
        0.3 - np.minimum(np.abs(x), np.abs(y)), 1 - np.maximum(np.abs(x), np.abs(y))
    ),
    "star": lambda x, y: 0.75 + 0.3 * np.cos(5 * np.arctan2(x, -y)) - np.hypot(x, y),
    "crescent": lambda x, y: np.minimum(_disc(x, y), np.hypot(x - 0.5, y) - 0.75),
    "bars": lambda x, y: _in_square(x, y, np.sin(8 * y)),
    "checks": lambda x, y: _in_square(x, y, 1.5 * np.sin(6 * x) * np.sin(6 * y)),
    "dots": lambda x, y: _in_square(x, y, np.cos(9 * x) + np.cos(9 * y) - 0.6),
}
"""The motifs: how far inside it a place is, in radii; x to the right and y downwards, from its middle."""

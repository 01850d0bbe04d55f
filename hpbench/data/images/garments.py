"""garments: generated drawings of ten kinds of garment, for use without Fashion-MNIST and network.

They resemble Fashion-MNIST coarsely, so that its scenarios can be run. Accuracies are not comparable: the
drawings are easier (nearest class mean on pixels reaches 88 %, on Fashion-MNIST 68 %).
"""

import functools

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from hpbench.data.images.image_data import ImageData

KINDS = (
    "t-shirt",
    "trousers",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)
TRAIN_PER_KIND = 400
TEST_PER_KIND = 100

_CANVAS = 112  # drawn at four times the size, then averaged


@functools.cache
def draw_garments() -> ImageData:
    """4,000 drawings for training and 1,000 for test, each part in a fixed shuffled order."""
    random = np.random.RandomState(0)  # unlike default_rng, the same in all versions of NumPy

    def part(per_kind: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        labels = random.permutation(np.repeat(np.arange(len(KINDS)), per_kind)).astype(np.int64)
        return np.stack([draw(KINDS[label], random) for label in labels]), labels

    train, test = part(TRAIN_PER_KIND), part(TEST_PER_KIND)
    return ImageData("garments", *train, *test, source="drawings of ten kinds of garment, generated")


def draw(kind: str, random: np.random.RandomState) -> NDArray[np.uint8]:
    """One garment (28, 28) with random proportions, brightness, texture, rotation and position."""
    turn, size = np.deg2rad(random.normal(0, 4)), random.uniform(0.85, 1.1)
    matrix = size * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle = 0.5 + random.normal(0, 0.025, 2)
    canvas = Image.new("F", (_CANVAS, _CANVAS))
    pen = ImageDraw.Draw(canvas)
    for outline, shade in _outlines(kind, random):
        points = (np.array(outline) - (0, 0.5)) @ matrix.T + middle
        pen.polygon([(float(x), float(y)) for x, y in _CANVAS * points], fill=shade)
    small = np.asarray(canvas, dtype=np.float64).reshape(28, 4, 28, 4).mean((1, 3))
    cloth = ndimage.gaussian_filter(random.standard_normal(small.shape), (0.7, random.uniform(0.3, 1.5)))
    small *= 1 + random.uniform(0, 0.4) * cloth / cloth.std()
    return np.clip(small * random.uniform(120, 250), 0, 255).astype(np.uint8)


Outline = list[tuple[float, float]]


def _outlines(kind: str, random: np.random.RandomState) -> list[tuple[Outline, float]]:
    """Polygons and their brightness: x from the vertical centre line, y from the top, in image widths."""
    jitter = random.uniform
    waist, top = jitter(0.15, 0.21), jitter(0.10, 0.16)
    if kind in ("t-shirt", "shirt", "pullover", "coat"):
        hem = {"t-shirt": 0.82, "shirt": 0.86, "pullover": 0.85, "coat": 0.93}[kind] + jitter(-0.03, 0.03)
        sleeve = {"t-shirt": 0.22, "shirt": 0.55}.get(kind, 0.64) + jitter(-0.06, 0.06)
        reach = 0.38 if kind == "t-shirt" else jitter(0.30, 0.37)
        arm = [(waist, top), (reach, top + sleeve), (reach - 0.11, top + sleeve + 0.02), (waist, top + 0.25)]
        body = [(-waist, top), (waist, top), (waist * jitter(0.95, 1.2), hem), (-waist, hem)]
        made = [(body, 0.9), (arm, 0.8), ([(-x, y) for x, y in arm], 0.8)]
        if kind in ("shirt", "coat"):
            wide = 0.012 if kind == "shirt" else 0.03
            made.append(([(-wide, top), (wide, top), (wide, hem), (-wide, hem)], 0.25))
        if kind in ("t-shirt", "pullover"):
            made.append(([(-0.07, top), (0.07, top), (0.0, top + jitter(0.04, 0.12))], 0.1))
        return made
    if kind == "trousers":
        foot, crotch = jitter(0.06, 0.15), jitter(0.28, 0.4)
        leg = [(0, 0.08), (waist, 0.08), (foot + 0.1, 0.94), (foot, 0.94), (0.01, crotch)]
        return [(leg, 0.9), ([(-x, y) for x, y in leg], 0.9)]
    if kind == "dress":
        hem, narrow = jitter(0.16, 0.32), jitter(0.09, 0.13)
        side = [(0, 0.07), (0.12, 0.05), (narrow, 0.38), (hem, 0.95), (0, 0.95)]
        return [(side, 0.9), ([(-x, y) for x, y in side], 0.9)]
    if kind == "bag":
        wide, upper = jitter(0.28, 0.42), jitter(0.35, 0.5)
        body = [(-wide, upper), (wide, upper), (wide * 1.05, 0.88), (-wide * 1.05, 0.88)]
        grip, rise = jitter(0.12, 0.2), jitter(0.12, 0.25)
        handle = [(-grip, upper), (-grip, upper - rise), (grip, upper - rise), (grip, upper)]
        inside = [(x * 0.75, y + 0.04) for x, y in handle]
        return [(handle, 0.7), (inside, 0.0), (body, 0.9)]
    sole, heel = 0.78 + jitter(-0.04, 0.04), jitter(0.3, 0.42)
    if kind == "sandal":
        straps = [(x, x + 0.05) for x in jitter(-0.3, 0.25, 3)]
        base = [(-0.42, sole - 0.06), (heel, sole - jitter(0.05, 0.3)), (heel, sole), (-0.42, sole)]
        return [(base, 0.8)] + [
            ([(a, sole), (b, sole), (b + 0.1, sole - 0.28), (a + 0.1, sole - 0.28)], 0.6) for a, b in straps
        ]
    shaft = sole - (jitter(0.22, 0.3) if kind == "sneaker" else jitter(0.45, 0.62))
    shoe = [
        (-0.44, sole),
        (-0.42, sole - 0.12),
        (-0.05, sole - 0.24),
        (0.05, shaft),
        (heel, shaft),
        (heel, sole),
    ]
    return [(shoe, 0.9), ([(-0.44, sole), (heel, sole), (heel, sole + 0.06), (-0.44, sole + 0.05)], 0.5)]

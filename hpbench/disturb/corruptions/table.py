"""The corruptions of MNIST-C and CIFAR-10-C by name, as disturbances whose levels are the severities.

Source: Mu and Gilmer, arXiv:1906.02337 (2019); Hendrycks and Dietterich, ICLR 2019; the constants are those
of their released programs. Left out: frost, which needs their photographs.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from hpbench.disturb.corruptions import blur, coding, drawn, edges, geometry, noise, tone, weather
from hpbench.disturb.disturbance import Disturbance
from hpbench.disturb.images import Images

Constants = Sequence[tuple[Any, ...]]

Row = tuple[str, str, Callable[..., Any], Constants]
"""Name without that of the set, what is done, the function, and its constants by severity."""


def _each(*constants: Any) -> Constants:
    """Severities with one constant each."""
    return [(one,) for one in constants]


def _up_to(step: float, *ends: float) -> Constants:
    """The factors of a zoom from 1 on, in steps, below each of the ends."""
    return [(tuple(np.arange(1, end, step)),) for end in ends]


_ONCE: Constants = [()]

_MNIST_C: tuple[Row, ...] = (
    ("shot_noise", "photons are counted", noise.shot_noise, _each(60, 25, 12, 5, 3)),
    (
        "impulse_noise",
        "values become 0 or 1, by chance",
        noise.impulse_noise,
        _each(0.03, 0.06, 0.09, 0.17, 0.27),
    ),
    (
        "glass_blur",
        "pixels are exchanged with near ones",
        partial(blur.glass, grey=True),
        [(0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2)],
    ),
    (
        "motion_blur",
        "means along a line",
        blur.motion,
        [(10, 3), (15, 5), (15, 8), (15, 12), (20, 15)],
    ),
    ("shear", "the image is sheared to one side", geometry.shear, _each(0.2, 0.4, 0.6, 0.8, 1.0)),
    ("scale", "the image shrinks", geometry.scale, _each(0.9, 0.8, 0.7, 0.6, 0.5)),
    ("rotate", "the image is turned to one side", geometry.rotate, _each(0.2, 0.4, 0.6, 0.8, 1.0)),
    ("brightness", "all becomes brighter", tone.brightness, _each(0.1, 0.2, 0.3, 0.4, 0.5)),
    ("translate", "the image moves towards a corner", geometry.translate, _each(1, 2, 3, 4, 5)),
    ("stripe", "the left and the right quarter become negatives", drawn.stripe, _ONCE),
    (
        "fog",
        "a random fractal is added",
        partial(weather.fog, side=256),
        [(1.5, 2), (2.0, 2), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4)],
    ),
    (
        "spatter",
        "splashes of mud",
        weather.spatter,
        [
            (0.65, 0.3, 4, 0.69, 0.6),
            (0.65, 0.3, 3, 0.68, 0.6),
            (0.65, 0.3, 2, 0.68, 0.5),
            (0.65, 0.3, 1, 0.65, 1.5),
            (0.67, 0.4, 1, 0.65, 1.5),
        ],
    ),
    ("dotted_line", "a dotted line from the left to the right", drawn.dotted_line, _ONCE),
    ("zigzag", "a zigzag line from the left to the right", drawn.zigzag, _ONCE),
    ("canny_edges", "only edges are left", edges.canny_edges, _ONCE),
)

_CIFAR10_C: tuple[Row, ...] = (
    ("gaussian_noise", "normal noise is added", noise.gaussian_noise, _each(0.04, 0.06, 0.08, 0.09, 0.10)),
    ("shot_noise", "photons are counted", noise.shot_noise, _each(500, 250, 100, 75, 50)),
    (
        "impulse_noise",
        "values become 0 or 1, by chance",
        noise.impulse_noise,
        _each(0.01, 0.02, 0.03, 0.05, 0.07),
    ),
    (
        "defocus_blur",
        "means over a disc",
        blur.defocus,
        [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)],
    ),
    (
        "glass_blur",
        "pixels are replaced by near ones",
        partial(blur.glass, grey=False),
        [(0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)],
    ),
    ("motion_blur", "means along a line", blur.motion, [(6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)]),
    ("zoom_blur", "means over several sizes", blur.zoom, _up_to(0.01, 1.06, 1.11, 1.16, 1.21, 1.26)),
    (
        "snow",
        "flakes fall on a paler image",
        weather.snow,
        [
            (0.1, 0.2, 1, 0.6, 8, 3, 0.95),
            (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
            (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
            (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
            (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
        ],
    ),
    (
        "fog",
        "a random fractal is added",
        partial(weather.fog, side=32),
        [(0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)],
    ),
    ("brightness", "all becomes brighter", tone.brightness, _each(0.05, 0.1, 0.15, 0.2, 0.3)),
    ("contrast", "differences become smaller", tone.contrast, _each(0.75, 0.5, 0.4, 0.3, 0.15)),
    (
        "elastic_transform",
        "the image is drawn in many directions",
        geometry.elastic,
        [(0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03)],
    ),
    ("pixelate", "fewer pixels", coding.pixelate, _each(0.95, 0.9, 0.85, 0.75, 0.65)),
    ("jpeg_compression", "written as JPEG and read again", coding.jpeg, _each(80, 65, 58, 50, 40)),
    (
        "saturate",
        "colours become paler, then stronger",
        tone.saturate,
        [(0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2)],
    ),
)


def _at(
    images: Images,
    level: float,
    random: np.random.Generator,
    *,
    function: Callable[..., Any],
    constants: Constants,
) -> Images:
    """Images (N, H, W) or (N, 3, H, W) at this severity, cut to [0, 1]."""
    planes = images[:, None] if images.ndim == 3 else images
    changed = function(planes, random, *constants[int(level) - 1])
    return np.clip(changed, 0, 1).reshape(images.shape).astype(np.float32)


def _disturbance(collection: str, row: Row) -> Disturbance:
    name, what, function, constants = row
    severities = range(len(constants) + 1)
    return Disturbance(
        f"{collection}_{name}",
        f"{what}; the level is the severity",
        "severity",
        "",
        tuple(map(float, severities)),
        len(constants),
        partial(_at, function=function, constants=constants),
        whole=True,
    )


CORRUPTIONS: dict[str, Disturbance] = {
    one.name: one
    for collection, rows in (("mnist_c", _MNIST_C), ("cifar10_c", _CIFAR10_C))
    for one in (_disturbance(collection, row) for row in rows)
}
"""All of them by name: `mnist_c_shot_noise` …"""

UNDRAWN = {f"mnist_c_{name}" for name in ("scale", "brightness", "stripe", "canny_edges")} | {
    f"cifar10_c_{name}"
    for name in (
        "defocus_blur",
        "zoom_blur",
        "brightness",
        "contrast",
        "pixelate",
        "jpeg_compression",
        "saturate",
    )
}
"""Those that draw no random numbers."""

ONLY_IN_COLOUR = {"cifar10_c_saturate"}
"""Those that have no meaning for grey images."""

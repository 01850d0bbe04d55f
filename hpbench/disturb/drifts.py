"""Disturbances of images that change within one test stream: in steps, slowly, or one after another.

The stream consists of segments, in each of which all tested images are shown once; whatever adapts at test
goes on through all of them, as in continual test-time adaptation. A level names a segment. Each function
takes images (N, H, W), float in [0, 1], the level, NumPy's generator and the place of every image within the
segment, (N,) in [0, 1), and returns images of the same kind.
Sources: Wang et al., CVPR 2022 (CoTTA: one corruption after another, or severity that changes gradually);
Croce et al., NeurIPS 2021 Datasets and Benchmarks (RobustBench).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from hpbench.disturb.disturbance import Disturbance
from hpbench.disturb.images import IMAGE_DISTURBANCES, Images

Places = NDArray[np.float64]

TURNING = (0.0, 0.02, 0.04, 0.06, 0.04, 0.02, 0.0)
"""Variances of the slowly changing noise at the ends of its segments."""

IN_TURN = (
    ("gaussian", 0.06),
    ("salt", 0.1),
    ("pepper", 0.4),
    ("speckle", 1.0),
    ("centre_crop", 4.0),
    ("occlusion", 12.0),
    ("", 0.0),
)
"""Disturbances that follow one another, each with its level; at last there is none."""


def in_steps(
    images: Images, level: float, random: np.random.Generator, places: Places, *, name: str
) -> Images:
    """The disturbance `name`, at the same level in the whole segment."""
    changed: Images = IMAGE_DISTURBANCES[name].apply(images, level, random)
    return changed


def gradually(images: Images, level: float, random: np.random.Generator, places: Places) -> Images:
    """Normal noise whose variance changes from one image to the next, linearly between two of `TURNING`."""
    start, end = TURNING[int(level) - 1], TURNING[int(level)]
    variances = start + (end - start) * places
    changed: Images = IMAGE_DISTURBANCES["gaussian"].apply(images, variances[:, None, None], random)
    return changed


def in_turn(images: Images, level: float, random: np.random.Generator, places: Places) -> Images:
    """The disturbance of this number among `IN_TURN`, from 1 on."""
    name, own = IN_TURN[int(level) - 1]
    return in_steps(images, own, random, places, name=name) if name else images


def _by_number(name: str, meaning: str, change: Callable[..., Images], segments: int) -> Disturbance:
    """A drift whose levels are the numbers of its segments."""
    numbers = tuple(float(number) for number in range(1, segments + 1))
    meaning = f"{meaning}; the level is the number of the segment"
    return Disturbance(name, meaning, "segment of the stream", "", numbers, numbers[-1], change, whole=True)


DRIFTS: dict[str, Disturbance] = {
    one.name: one
    for one in (
        _by_number("one_after_another", "one disturbance after another, at last none", in_turn, len(IN_TURN)),
        replace(
            IMAGE_DISTURBANCES["gaussian"],
            name="gaussian_steps",
            meaning="normal noise whose variance σ², the level, rises in steps within one stream",
            apply=partial(in_steps, name="gaussian"),
        ),
        _by_number(
            "gaussian_gradual",
            "normal noise whose variance rises and falls from image to image",
            gradually,
            len(TURNING) - 1,
        ),
    )
}
"""Disturbances that change within a stream, by name."""

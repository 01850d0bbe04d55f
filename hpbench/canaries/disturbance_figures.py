"""Figures of disturbances: hashes of a few disturbed inputs, level by level."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpbench.canaries.apart import apart, own_folder
from hpbench.canaries.fingerprint import of_inputs, of_whole_numbers
from hpbench.canaries.stand_ins import random_events, write_stand_ins
from hpbench.canaries.tiny_data import pictures
from hpbench.disturb.attacks import ATTACKS
from hpbench.disturb.corruptions.table import CORRUPTIONS
from hpbench.disturb.disturbance import Disturbance
from hpbench.disturb.drifts import DRIFTS
from hpbench.disturb.events.disturbances import EVENT_DISTURBANCES, DisturbedBy, disturbed
from hpbench.disturb.images import IMAGE_DISTURBANCES
from hpbench.disturb.seeded import level_generator
from hpbench.tasks.image_shape import COLOURS

NOISE_SEED = 0


def _of_images(one: Disturbance) -> dict[str, Any]:
    return _hashes(one, pictures(1, 0, side=28).images.astype(np.float32) / 255)


def _of_corruption(one: Disturbance) -> dict[str, Any]:
    """Of grey images for MNIST-C, of colour images for CIFAR-10-C."""
    if one.name.startswith("mnist_c"):
        return _of_images(one)
    images = pictures(3, 0, side=32).images.astype(np.float32) / 255
    return _hashes(one, images.reshape(-1, COLOURS, 32, 32))


def _hashes(one: Disturbance, images: NDArray[Any]) -> dict[str, Any]:
    found = {
        f"{level:g}": of_inputs([one.apply(images, level, level_generator(NOISE_SEED, one.name, level))])
        for level in one.levels
        if level
    }
    return {"levels": list(one.levels), "high": one.high, "inputs": found}


def _of_drift(one: Disturbance) -> dict[str, Any]:
    images = pictures(1, 0, side=28).images.astype(np.float32) / 255
    places = np.arange(len(images)) / len(images)
    found = {
        f"{level:g}": of_inputs(
            [one.apply(images, level, level_generator(NOISE_SEED, one.name, level), places)]
        )
        for level in one.levels
        if level
    }
    return {"levels": list(one.levels), "high": one.high, "inputs": found}


def _of_events(one: Disturbance) -> dict[str, Any]:
    sensor = (34, 34, 2)
    root = write_stand_ins(own_folder())
    events = random_events(400, *sensor[:2], 300_000, seed=0)
    found = {}
    for level in one.levels:
        changed = disturbed(events, DisturbedBy(one.name, level, NOISE_SEED, root), sensor, 0)
        found[f"{level:g}"] = of_whole_numbers(changed[column] for column in ("x", "y", "t", "p"))
    return {"levels": list(one.levels), "high": one.high, "events": found}


def _of_attack(one: Disturbance) -> dict[str, Any]:
    """The levels alone: effects of attacks depend on the network, and canaries of strategies cover them."""
    return {"levels": list(one.levels), "high": one.high}


def _apart(measure: Callable[[], dict[str, Any]], nudge: float) -> dict[str, Any]:
    with apart():
        return measure()


def disturbance_figures() -> dict[tuple[str, str], Callable[[float], dict[str, Any]]]:
    """A function for the figures of each disturbance, by its kind and its name."""
    tables = (
        ("images", IMAGE_DISTURBANCES, _of_images),
        ("corruptions", CORRUPTIONS, _of_corruption),
        ("events", EVENT_DISTURBANCES, _of_events),
        ("attacks", ATTACKS, _of_attack),
        ("drifts", DRIFTS, _of_drift),
    )
    return {
        (kind, name): partial(_apart, partial(of, one))
        for kind, table, of in tables
        for name, one in table.items()
    }

"""Tasks that are learned in a moment, one function per protocol; arguments change the basic task."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hpbench.canaries.apart import own_folder
from hpbench.canaries.double_precision import ConvertedClasses, converted, converted_part
from hpbench.canaries.stand_ins import write_stand_ins
from hpbench.canaries.tiny_data import CLASSES, SIDE, Blobs, drawings, pictures
from hpbench.data.events.source import EventData
from hpbench.data.images.image_data import ImageData
from hpbench.streams.disturbed_events import EventRobustnessSettings, event_task
from hpbench.streams.disturbed_images import ImageRobustnessSettings, image_task
from hpbench.streams.drifting_images import DriftSettings, drifting_task
from hpbench.tasks.continual import ContinualTask, Inputs, Part
from hpbench.tasks.few_shot import Classes, FewShotTask, Shape
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

WIDTH = 2
"""Classes per experience."""

ARRIVAL = 10
"""Samples that an online stream delivers at a time."""

LEVELS = [0.0, 0.02, 0.06]
"""Levels of the noise that images are tested under."""

_PER_CLASS = {"train": 20, "validation": 6, "test": 12}


def continual_task(kind: str = "images", **fields: Any) -> ContinualTask:
    """Three experiences of two classes; `kind` is images, online, permuted, or events.

    `fields` replace fields of the task.
    """
    regime = fields.get("regime", "domain" if kind == "permuted" else "class")
    make = {"events": _frames, "permuted": _permuted}.get(kind, _by_class)
    parts = {name: make(per_class, seed, regime) for seed, (name, per_class) in enumerate(_PER_CLASS.items())}
    stated: dict[str, Any] = {
        "dataset": "tiny",
        "dataset_sha256": "0" * 64,
        "regime": regime,
        **parts,
        "outputs": WIDTH if regime == "domain" and kind != "permuted" else CLASSES,
        "passes": 1 if kind == "online" else 3,
        "selection": "last",
        "evaluate_on": "test",
        "encoding": "frames" if kind == "events" else "direct",
        "time_steps": 4,
        "max_rate": 500.0,
        "device": "cpu",
        "arrival": ARRIVAL if kind == "online" else None,
        "ahead": 1 if kind == "permuted" else None,
    }
    return ContinualTask(**{**stated, **fields})


def _inputs(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(images).to(torch.get_default_dtype()) / 255


def _experiences(inputs: torch.Tensor, labels: np.ndarray, regime: str) -> list[Part]:
    targets = torch.from_numpy(labels if regime == "class" else labels % WIDTH)
    members = [torch.from_numpy(np.flatnonzero(labels // WIDTH == one)) for one in range(CLASSES // WIDTH)]
    return [Part(inputs[rows], targets[rows]) for rows in members]


def _by_class(per_class: int, seed: int, regime: str) -> list[Part]:
    images, labels = pictures(per_class, seed)
    return _experiences(_inputs(images).flatten(1), labels, regime)


def _permuted(per_class: int, seed: int, regime: str) -> list[Part]:
    """All classes under three permutations of the pixels, the first of which is the identity."""
    images, labels = pictures(per_class // 2, seed)
    inputs, targets = _inputs(images).flatten(1), torch.from_numpy(labels)
    orders = [None, *(torch.from_numpy(np.random.RandomState(one).permutation(SIDE**2)) for one in (1, 2))]
    return [Part(inputs, targets, order) for order in orders]


def _frames(per_class: int, seed: int, regime: str) -> list[Part]:
    """Counts (N, T, P, H, W) of events, more where an image is brighter, with random polarity."""
    images, labels = pictures(per_class, seed)
    random = np.random.RandomState(100 + seed)
    fired = random.rand(len(labels), 4, 2, SIDE, SIDE) < 0.5 * images[:, None, None] / 255
    counts = fired * random.randint(1, 3, fired.shape)
    return _experiences(torch.from_numpy(counts).to(torch.get_default_dtype()), labels, regime)


def few_shot_task(**fields: Any) -> FewShotTask:
    """Characters of 8 x 8 pixels for training, validation and test; `fields` replace fields of the task."""
    parts = {"train": (24, 1), "validation": (8, 2), "test": (8, 3)}
    stated: dict[str, Any] = {
        "dataset": "tiny",
        "dataset_sha256": "0" * 64,
        "split": "characters",
        **{name: _classes(number, seed) for name, (number, seed) in parts.items()},
        "tested": Shape(4, 2, 3),
        "episodes": 20,
        "episode_seed": 1,
        "evaluate_on": "test",
        "device": "cpu",
        "training_key": "tiny",
        "learners": _new_folder(),
        "train_anew": True,
    }
    return FewShotTask(**{**stated, **fields})


def _classes(number: int, seed: int) -> Classes:
    return ConvertedClasses(torch.from_numpy(drawings(number, 8, seed)).unsqueeze(2))


def robustness_task(kind: str = "images", **settings: Any) -> RobustnessTask:
    """All classes at once, then disturbances; `kind` is images, drifting or events.

    `settings` are the scenario's.
    """
    resources = Resources(write_stand_ins(own_folder()), "cpu", lambda line: None, train_anew=True)
    if kind == "events":
        blobs = EventData("blobs", Blobs(0, 15), Blobs(1, 8), 4, "generated", skipped=0)
        of_events = EventRobustnessSettings(**{"passes": 6, "time_steps": 4, "duration": 100.0, **settings})
        of_events.check()
        made = event_task(blobs, of_events, resources)
    elif kind == "drifting":
        of_drifts = DriftSettings(**{"passes": 6, "time_steps": 4, **settings})
        of_drifts.check()
        made = drifting_task(_tiny_images(), of_drifts, resources)
    else:
        of_images = ImageRobustnessSettings(**{"passes": 6, "time_steps": 4, "levels": LEVELS, **settings})
        of_images.check()
        made = image_task(_tiny_images(), of_images, resources)
    parts: dict[str, Any] = {
        name: [converted_part(part) for part in getattr(made.learned, name)] for name in _PER_CLASS
    }

    def disturbed(name: str, level: float) -> Inputs:
        return converted(made.disturbed(name, level))

    return replace(
        made,
        learned=replace(made.learned, **parts),
        tested=converted_part(made.tested),
        disturbed=disturbed,
        kept=_new_folder() / "state.pt",
    )


def _tiny_images() -> ImageData:
    return ImageData("tiny", *pictures(10, 0), *pictures(6, 1), source="generated")


def _new_folder() -> Path:
    return Path(tempfile.mkdtemp(dir=own_folder()))


TASKS: dict[str, Callable[..., Any]] = {
    "continual": continual_task,
    "few_shot": few_shot_task,
    "robustness": robustness_task,
}
"""Functions that make a task, by protocol."""

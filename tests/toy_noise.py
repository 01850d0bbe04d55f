"""A small task of the robustness protocol: four classes of 8x8 pictures, learned in a moment."""

from pathlib import Path
from typing import Any

import numpy as np

from hpbench import registry
from hpbench.data.images.image_data import ImageData
from hpbench.runs.seeding import seed_everything
from hpbench.streams.disturbed_images import ImageRobustnessSettings, image_task
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask


def pictures(per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.RandomState(seed)
    patterns = np.random.RandomState(7).rand(4, 8, 8) < 0.4
    labels = random.permutation(np.repeat(np.arange(4), per_class))
    return (255 * (0.3 * patterns[labels] + 0.7 * random.rand(len(labels), 8, 8))).astype(np.uint8), labels


def noisy_task(key: str = "key", *, anew: bool = False, **settings: Any) -> RobustnessTask:
    data = ImageData("small", *pictures(60, 0), *pictures(25, 1), "made here")
    chosen = ImageRobustnessSettings(**{"passes": 3, "time_steps": 6, **settings})
    chosen.check()
    return image_task(data, chosen, Resources(Path(), "cpu", print, key, anew))


def strategy(name: str, **changes: Any) -> tuple[Any, Any]:
    """Builder and small settings of a strategy, seeded."""
    entry = registry.find("strategies", name)
    settings = registry.settings_class(entry, "robustness")
    wished = {
        "network": "ann",
        "hidden": [16],
        "batch": 10,
        "lr": 0.01,
        "memory": 20,
        "loss": "cross_entropy",
    }
    known = {one for one in wished if hasattr(settings(), one)}
    seed_everything(0)
    return registry.load(entry).continual, settings(**{key: wished[key] for key in known} | changes)

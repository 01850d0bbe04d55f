"""An image set under disturbances that change within a test stream: continual test-time adaptation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpbench.core.settings import setting
from hpbench.data.images.image_data import ImageData
from hpbench.disturb.drifts import DRIFTS
from hpbench.disturb.images import Images
from hpbench.disturb.seeded import level_generator
from hpbench.learning.settings import EncodingSettings
from hpbench.streams.disturbed_images import tested_under
from hpbench.streams.disturbed_settings import RobustnessSettings, levels_of
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask


@dataclass
class DriftSettings(RobustnessSettings, EncodingSettings):
    """Streams of disturbed images, and their order."""

    disturbances: list[str] = setting(
        list(DRIFTS),
        "streams of disturbed images; the board ranks by the first",
        choices=tuple(DRIFTS),
        at_test_only=True,
    )
    noise_seed: int = setting(
        0,
        "seed of the disturbances and of the mixed order, the same for all strategies",
        low=0,
        high=2**32 - 1,
        at_test_only=True,
    )
    test_order: str = setting(
        "mixed",
        "order of the samples in each segment of a stream: mixed, the same in all, or by class",
        choices=("mixed", "class"),
        at_test_only=True,
    )

    def check(self) -> None:
        """Raise InputError for disturbances, levels or parts that exclude each other."""
        super().check()
        levels_of(self.disturbances, self.levels, DRIFTS)


def drifting_task(data: ImageData, settings: DriftSettings, resources: Resources) -> RobustnessTask:
    """A task with all classes in one experience, tested in streams whose disturbance changes.

    Inputs are (N, S·S) floats in [0, 1]. Raises InputError for more tested samples than there are.
    """

    def change(clean: Images, rows: NDArray[np.int64], name: str, level: float) -> Images:
        places = np.zeros(len(clean))
        places[rows] = np.arange(len(rows)) / len(rows)
        random = level_generator(settings.noise_seed, name, level)
        changed: Images = DRIFTS[name].apply(clean, level, random, places)
        return changed

    levels = levels_of(settings.disturbances, settings.levels, DRIFTS)
    return tested_under(data, settings, resources, levels, change, drifts=frozenset(DRIFTS))

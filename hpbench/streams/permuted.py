"""Streams of one image set under different permutations of the pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpbench.core.acting import SEVERAL
from hpbench.core.settings import setting, with_default
from hpbench.data.images.image_data import ImageData, Pixels
from hpbench.learning.settings import EncodingSettings, HoldoutSettings
from hpbench.streams.image_inputs import image_inputs
from hpbench.streams.image_stream import image_stream
from hpbench.tasks.continual import ContinualTask, Part
from hpbench.tasks.resources import Resources

AUTHORS_SETTINGS: dict[str, object] = {
    "hidden": [1024, 1024],
    "threshold": 0.5,
    "membrane_decay": 0.8,
    "trace_decay": 0.8,
    "weight_time_constant": 50.0,
    "lr": 5e-4,
    "theta_lr": 5e-5,
}
"""Sizes, neurons and learning rates in the authors' code for permuted MNIST, which any network can have;
`hp:multitask` has the rest of it."""


@dataclass
class PermutedSettings(HoldoutSettings, EncodingSettings):
    """A stream of permutations; defaults as in Wu et al. 2022."""

    tasks: int = setting(50, "permutations, the first of which is the identity", low=1, high=10_000)
    permutation_seed: int = setting(
        0,
        "task k + 1 is permuted with the seed k + 1000 times this; 0: the authors' permutations",
        low=0,
        high=4_000_000,  # NumPy takes seeds below 2^32
        acts_with={"tasks": SEVERAL},
    )
    passes: int = with_default(HoldoutSettings, "passes", 10)
    time_steps: int = with_default(EncodingSettings, "time_steps", 3)

    regime: str = setting(
        "domain",
        "domain: the task of a sample is not told; task: it is, at test too, and there is a head for each "
        "task, or a mask",
        choices=("domain", "task"),
    )

    @property
    def experiences(self) -> int:
        """Number of experiences, one per permutation."""
        return self.tasks


def permutation(task: int, pixels: int, seed: int = 0) -> np.ndarray | None:
    """The permutation of the pixels in a task counted from 0; None for the first, which has none."""
    return None if task == 0 else np.random.RandomState(task + 1000 * seed).permutation(pixels)


def permuted(data: ImageData, settings: PermutedSettings, resources: Resources) -> ContinualTask:
    """All tasks share one tensor per part of the data, permuted when a batch is formed.

    Targets are the labels in every task; in the task regime there are outputs for every task. Inputs are
    (N, D) floats in [0, 1], those of colour images too. Of the tasks not learned yet only the next one is
    tested, for the forward transfer: 50 tests after each of 50 tasks would take longer than the training, and
    one random permutation says nothing about the others.
    """
    import torch

    pixels = int(np.prod(data.train_images.shape[1:]))
    orders = [
        None if order is None else torch.from_numpy(order).to(resources.device)
        for order in (permutation(task, pixels, settings.permutation_seed) for task in range(settings.tasks))
    ]

    def parts(images: Pixels, labels: NDArray[np.int64]) -> list[Part]:
        inputs = image_inputs(images, resources.device).flatten(1)
        targets = torch.tensor(labels).to(resources.device)
        return [Part(inputs, targets, order) for order in orders]

    each = settings.tasks if settings.regime == "task" else 1
    return image_stream(data, settings, resources.device, parts, sets_of_outputs=each, ahead=1)

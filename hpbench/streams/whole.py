"""Streams of a single experience: classification of all classes at once."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hpbench.core.settings import with_default
from hpbench.data.holdout import stratified_holdout
from hpbench.data.images.image_data import ImageData, Pixels
from hpbench.data.labels import classes_of
from hpbench.learning.settings import EncodingSettings, HoldoutSettings
from hpbench.streams.image_inputs import image_inputs
from hpbench.tasks.continual import ContinualTask, Part
from hpbench.tasks.resources import Resources


@dataclass
class WholeSettings(HoldoutSettings, EncodingSettings):
    """Training on all classes at once; the best pass is selected on validation data, never on the test."""

    selection: str = with_default(HoldoutSettings, "selection", "validation")

    regime: ClassVar[str] = "class"
    experiences: ClassVar[int] = 1


def whole(data: ImageData, settings: WholeSettings, resources: Resources) -> ContinualTask:
    """One experience with all classes of an image set."""
    import torch

    kept, held_out = stratified_holdout(data.train_labels, settings.validation_share)

    def parts(images: Pixels, labels: NDArray[np.int64]) -> list[Part]:
        inputs = image_inputs(images, resources.device)
        return [Part(inputs, torch.tensor(labels).to(resources.device))]

    return settings.task(
        resources.device,
        **settings.encoded,
        dataset=data.name,
        dataset_sha256=data.sha256,
        regime=settings.regime,
        train=parts(data.train_images[kept], data.train_labels[kept]),
        validation=parts(data.train_images[held_out], data.train_labels[held_out]),
        test=parts(data.test_images, data.test_labels),
        outputs=classes_of(data.train_labels, data.test_labels),
    )

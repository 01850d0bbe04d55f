"""An image set as a stream in which every experience has images of all classes."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpbench.data.holdout import stratified_holdout
from hpbench.data.images.image_data import ImageData, Pixels
from hpbench.data.labels import classes_of
from hpbench.streams.image_inputs import image_inputs
from hpbench.tasks.continual import ContinualTask, Part


def image_part(images: Pixels, labels: NDArray[np.int64], device: str) -> Part:
    """Images with their labels (N,) on the device, as `image_inputs` makes them."""
    import torch

    return Part(image_inputs(images, device), torch.tensor(labels).to(device))


def image_stream(
    data: ImageData,
    settings: Any,
    device: str,
    parts: Callable[[Pixels, NDArray[np.int64]], list[Part]],
    *,
    sets_of_outputs: int = 1,
    **others: Any,
) -> ContinualTask:
    """A task whose experiences `parts` makes of the training, the validation and the test part.

    `settings` are those of a held-out part and an encoding, with a `regime`; the task has as many outputs for
    each class as `sets_of_outputs`; `others` are its further fields.
    """
    kept, held_out = stratified_holdout(data.train_labels, settings.validation_share)
    task: ContinualTask = settings.task(
        device,
        **settings.encoded,
        dataset=data.name,
        dataset_sha256=data.sha256,
        regime=settings.regime,
        train=parts(data.train_images[kept], data.train_labels[kept]),
        validation=parts(data.train_images[held_out], data.train_labels[held_out]),
        test=parts(data.test_images, data.test_labels),
        outputs=sets_of_outputs * classes_of(data.train_labels, data.test_labels),
        **others,
    )
    return task

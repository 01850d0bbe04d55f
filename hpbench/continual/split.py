"""A labelled image set cut into experiences by class."""

import numpy as np
import torch
from torch import Tensor

from hpbench.continual.settings import StreamSettings
from hpbench.core.errors import InputError
from hpbench.core.task import ContinualTask, Part, Resources
from hpbench.data.images import ImageData, stratified_holdout


def split_by_class(
    data: ImageData, experiences: int, settings: StreamSettings, resources: Resources
) -> ContinualTask:
    """Experiences of equally many classes each, in the order of the labels or a seeded one.

    Targets are positions in the class order: through the stream (class regime) or within the
    experience (task and domain regime). Inputs are (N, 28·28 or the images' shape) floats in [0, 1].
    Raises InputError if the classes cannot be divided.
    """
    classes = int(data.train_labels.max()) + 1
    if classes % experiences:
        raise InputError(f"{classes} classes cannot be divided into {experiences} equal experiences")
    order = np.arange(classes)
    if settings.order_seed >= 0:
        order = np.random.RandomState(settings.order_seed).permutation(classes)
    width = classes // experiences
    position = torch.from_numpy(np.argsort(order))
    kept, held_out = stratified_holdout(data.train_labels, settings.validation_share)

    def parts(images: np.ndarray, labels: np.ndarray) -> list[Part]:
        inputs = torch.tensor(images).to(resources.device, torch.float32).flatten(1) / 255
        positions = position[torch.tensor(labels)]
        targets = positions if settings.regime == "class" else positions % width
        return [
            _select(inputs, targets.to(resources.device), positions // width == number)
            for number in range(experiences)
        ]

    return settings.task(
        resources.device,
        dataset=data.name,
        dataset_sha256=data.sha256,
        regime=settings.regime,
        train=parts(data.train_images[kept], data.train_labels[kept]),
        validation=parts(data.train_images[held_out], data.train_labels[held_out]),
        test=parts(data.test_images, data.test_labels),
        outputs=width if settings.regime == "domain" else classes,
    )


def _select(inputs: Tensor, targets: Tensor, mask: Tensor) -> Part:
    index = mask.nonzero().squeeze(1).to(inputs.device)
    return Part(inputs[index], targets[index])

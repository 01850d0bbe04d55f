"""Streams of one labelled set divided into experiences by class."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.data.holdout import stratified_holdout
from hpbench.data.images.image_data import ImageData, Pixels
from hpbench.data.labels import classes_of
from hpbench.learning.settings import ClassOrderSettings, StreamSettings
from hpbench.streams.image_inputs import image_inputs
from hpbench.tasks.continual import ContinualTask, Inputs, Part
from hpbench.tasks.resources import Resources


class Labelled(NamedTuple):
    """Samples in memory, in a fixed order, and their labels from 0 on."""

    inputs: Inputs
    labels: NDArray[np.int64]


def split_by_class(
    data: ImageData, experiences: int, settings: StreamSettings, resources: Resources
) -> ContinualTask:
    """Experiences of an image set as `cut` makes them; inputs are those of `image_inputs`."""

    def part(images: Pixels, labels: NDArray[np.int64]) -> Labelled:
        return Labelled(image_inputs(images, resources.device), labels)

    return cut(
        part(data.train_images, data.train_labels),
        part(data.test_images, data.test_labels),
        experiences,
        settings,
        resources.device,
        dataset=data.name,
        dataset_sha256=data.sha256,
        **settings.encoded,
    )


def cut(
    train: Labelled,
    test: Labelled,
    experiences: int,
    settings: ClassOrderSettings,
    device: str,
    **others: Any,
) -> ContinualTask:
    """Experiences of equally many classes each, in the order of the labels or in a random one with a seed.

    Targets are positions in the class order: over the whole stream (class regime) or within the experience
    (task and domain regime). `others` are further fields of the task. Raises InputError if the classes cannot
    be divided equally, and if a label from 0 to the highest has no training sample.
    """
    import torch

    from hpbench.tasks.pieces import chosen

    classes = classes_of(train.labels, test.labels)
    if not isinstance(experiences, int) or experiences < 1:
        raise InputError(f"experiences={experiences!r}: expected a whole number from 1 on")
    if classes % experiences:
        raise InputError(f"{classes} classes cannot be divided into {experiences} equal experiences")
    order = np.arange(classes)
    if settings.order_seed >= 0:
        order = np.random.RandomState(settings.order_seed).permutation(classes)
    width = classes // experiences
    position = np.argsort(order)
    kept, held_out = stratified_holdout(train.labels, settings.validation_share)

    def parts(of: Labelled, rows: NDArray[np.int64]) -> list[Part]:
        positions = position[of.labels[rows]]
        targets = positions if settings.regime == "class" else positions % width
        members = [np.flatnonzero(positions // width == number) for number in range(experiences)]
        return [
            Part(chosen(of.inputs, torch.from_numpy(rows[own])), torch.from_numpy(targets[own]).to(device))
            for own in members
        ]

    return settings.task(
        device,
        regime=settings.regime,
        train=parts(train, kept),
        validation=parts(train, held_out),
        test=parts(test, np.arange(len(test.labels))),
        outputs=width if settings.regime == "domain" else classes,
        **others,
    )

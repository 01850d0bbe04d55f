"""Meta-training loops over learn2learn's parts, in the manner of its examples: one task after another.

A task's images are loaded one by one and collated; its support and its queries are told apart by masks.
"""

from collections.abc import Callable

import numpy as np
import torch
from learn2learn.algorithms import MAML
from learn2learn.data import MetaDataset, TaskDataset, transforms
from learn2learn.nn import PrototypicalClassifier
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.utils.data import Dataset

from hpbench.tasks.few_shot import ClassSet, Shape


class _Images(Dataset[tuple[Tensor, int]]):
    """Images in memory: nothing is read from disk or decoded."""

    def __init__(self, classes: ClassSet) -> None:
        self.images = classes.at(torch.arange(len(classes) * classes.samples, device=classes.device))
        self.samples = classes.samples

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.images[index], index // self.samples


def tasks(classes: ClassSet, shape: Shape) -> TaskDataset:
    """Tasks whose samples are images."""
    found = MetaDataset(_Images(classes))
    steps = [
        transforms.FusedNWaysKShots(found, n=shape.ways, k=shape.per_class),
        transforms.LoadData(found),
        transforms.RemapLabels(found),
        transforms.ConsecutiveLabels(found),
    ]
    return TaskDataset(found, task_transforms=steps)


def prototype_step(network: torch.nn.Module, drawn: TaskDataset, shape: Shape) -> Callable[[], None]:
    """One step of a prototypical network, at rate 0."""
    optimizer = torch.optim.Adam(network.parameters(), 0.0)

    def step() -> None:
        images, labels = drawn.sample()
        support = _support(shape)
        features = network(images)
        classifier = PrototypicalClassifier(features[support], labels[support])
        loss = cross_entropy(classifier(features[~support]), labels[~support])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def maml_step(
    maml: MAML, drawn: TaskDataset, shape: Shape, inner_steps: int, meta_batch: int
) -> Callable[[], None]:
    """One step of MAML over `meta_batch` tasks, at rate 0."""
    optimizer = torch.optim.Adam(maml.parameters(), 0.0)

    def step() -> None:
        optimizer.zero_grad()
        for _ in range(meta_batch):
            images, labels = drawn.sample()
            support = _support(shape)
            learner = maml.clone()
            for _ in range(inner_steps):
                learner.adapt(cross_entropy(learner(images[support]), labels[support]))
            (cross_entropy(learner(images[~support]), labels[~support]) / meta_batch).backward()
        optimizer.step()

    return step


def _support(shape: Shape) -> Tensor:
    places = np.arange(shape.ways * shape.per_class) % shape.per_class
    return torch.from_numpy(places < shape.shots)

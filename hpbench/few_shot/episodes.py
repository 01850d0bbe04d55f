"""Episodes of N-way K-shot tasks, drawn by learn2learn and stored as indices.

learn2learn draws from Python's global generator; `seeded_draws` seeds it for a while.
"""

import random
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset

from hpbench.core.errors import InputError
from hpbench.core.seeded_draws import seeded_draws
from hpbench.tasks.few_shot import ClassSet, Shape


class Episodes(NamedTuple):
    """E episodes as indices into the samples of a `ClassSet`, numbered class by class.

    `support` is (E, K·N) and `query` (E, Q·N). In both, sample s has label s mod N.
    """

    support: Tensor
    query: Tensor
    ways: int

    def __len__(self) -> int:
        return len(self.support)

    @property
    def support_labels(self) -> Tensor:
        """Labels 0 … N−1 of the support, (K·N,): the same in every episode."""
        return torch.arange(self.support.shape[1], device=self.support.device) % self.ways

    @property
    def query_labels(self) -> Tensor:
        """Labels of the queries, (Q·N,)."""
        return torch.arange(self.query.shape[1], device=self.query.device) % self.ways

    def pieces(self, size: int) -> Iterator["Episodes"]:
        """The same episodes, `size` at a time."""
        for support, query in zip(self.support.split(size), self.query.split(size), strict=True):
            yield Episodes(support, query, self.ways)

    def to(self, device: str) -> "Episodes":
        """The same episodes with their indices on another device."""
        return Episodes(self.support.to(device), self.query.to(device), self.ways)


class _Places(Dataset[tuple[int, int]]):
    """A data set of (index, class) pairs, so that learn2learn loads indices only."""

    def __init__(self, classes: ClassSet) -> None:
        self.samples = classes.samples
        self.length = len(classes) * classes.samples

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[int, int]:
        return index, index // self.samples


class EpisodeSource:
    """Draws episodes of one shape from some classes.

    N classes at random, all sets of N alike; or, if the shape has `one_alphabet`, first an alphabet, all
    alike, whatever their size, then N of its classes.

    Raises InputError if there are fewer classes than ways, or fewer samples than shots and queries need; and
    for episodes within an alphabet, if classes do not know theirs, or one has fewer classes than ways. `part`
    is the name of these classes in the message.
    """

    def __init__(self, classes: ClassSet, shape: Shape, part: str) -> None:
        from learn2learn.data import MetaDataset, TaskDataset, transforms

        check_shape(classes, shape, part)
        self.shape = shape
        places = _Places(classes)
        labels = {index: index // classes.samples for index in range(len(places))}
        members = {
            label: list(range(label * classes.samples, (label + 1) * classes.samples))
            for label in range(len(classes))
        }
        found = MetaDataset(places, indices_to_labels=labels, labels_to_indices=members)
        pools = by_alphabet(classes).values() if shape.one_alphabet else [list(members)]
        self._tasks = [
            TaskDataset(
                found,
                task_transforms=[
                    # Fused: takes seconds to set up for thousands of classes, but NWays takes 50 ms per draw.
                    transforms.FusedNWaysKShots(found, n=shape.ways, k=shape.per_class, filter_labels=pool),
                    transforms.LoadData(found),
                    transforms.RemapLabels(found),
                    transforms.ConsecutiveLabels(found),
                ],
            )
            for pool in pools
        ]

    def draw(self, number: int) -> Episodes:
        """This many episodes, by Python's global generator; support and query samples differ."""
        ways, shots = self.shape.ways, self.shape.shots
        drawn = []
        for _ in range(number):
            tasks = random.choice(self._tasks) if self.shape.one_alphabet else self._tasks[0]
            places, labels = tasks.sample()
            by_class = places[torch.argsort(labels, stable=True)].view(ways, self.shape.per_class)
            drawn.append(by_class.T.reshape(-1))  # sample s has label s mod N
        support, query = torch.stack(drawn).split([shots * ways, self.shape.queries * ways], dim=1)
        return Episodes(support, query, ways)


def fixed_episodes(classes: ClassSet, shape: Shape, number: int, seed: int, part: str) -> Episodes:
    """Episodes drawn with a given seed, on the device of the classes; independent of earlier draws.

    Raises InputError as `EpisodeSource`.
    """
    source = EpisodeSource(classes, shape, part)
    with seeded_draws(python=seed):
        return source.draw(number).to(str(classes.device))


def check_shape(classes: ClassSet, shape: Shape, part: str) -> None:
    """Raise InputError if episodes of this shape cannot be drawn from the classes of a `part`."""
    if shape.ways > len(classes):
        raise InputError(
            f"{shape.ways} ways need as many classes, the {part} part has {len(classes)}: ask for fewer ways"
        )
    if shape.per_class > classes.samples:
        raise InputError(
            f"{shape.shots} shots and {shape.queries} queries need {shape.per_class} samples of each class, "
            f"the {part} part has {classes.samples}: ask for fewer shots or queries"
        )
    if shape.one_alphabet:
        alphabets = by_alphabet(classes)
        if not alphabets:
            raise InputError(
                f"episodes within an alphabet need classes that know theirs, the {part} part's do not: "
                "leave scenario.within out"
            )
        smallest = min(alphabets, key=lambda name: len(alphabets[name]))
        if len(alphabets[smallest]) < shape.ways:
            raise InputError(
                f"{shape.ways} ways within an alphabet need as many classes in each, {smallest} has "
                f"{len(alphabets[smallest])} in the {part} part: ask for fewer ways "
                "(scenario.split=alphabets keeps alphabets whole)"
            )


def by_alphabet(classes: ClassSet) -> dict[str, list[int]]:
    """The classes of each alphabet, by its name; empty if classes do not know theirs."""
    found: dict[str, list[int]] = {}
    for number, name in enumerate(classes.alphabets):
        found.setdefault(name, []).append(number)
    return found

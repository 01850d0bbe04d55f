"""Permuted streams: which pixels stand where, over one copy of the data."""

import numpy as np
import torch
from stream import pictures

from hpbench.data.images.image_data import ImageData
from hpbench.streams.permuted import PermutedSettings, permutation, permuted
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources


def task(**settings: int) -> ContinualTask:
    data = ImageData("small", *pictures(50, 0), *pictures(20, 1), "made here")
    return permuted(data, PermutedSettings(**{"tasks": 4, **settings}), Resources(None, "cpu", print))


def test_the_first_task_is_as_it_is_and_the_others_are_the_authors() -> None:
    assert permutation(0, 784) is None
    for number in (1, 2):  # as their code draws them
        order = np.arange(784)
        np.random.seed(number)
        np.random.shuffle(order)
        assert np.array_equal(permutation(number, 784), order)
    assert not np.array_equal(permutation(1, 784, seed=1), permutation(1, 784))


def test_all_tasks_share_inputs_and_targets_and_differ_in_their_order() -> None:
    made = task()
    for parts in (made.train, made.validation, made.test):
        assert all(part.inputs is parts[0].inputs and part.targets is parts[0].targets for part in parts)
        assert parts[0].permutation is None
        orders = [part.permutation for part in parts[1:]]
        assert all(torch.equal(order.sort().values, torch.arange(9)) for order in orders)
        assert len({tuple(order.tolist()) for order in orders}) == 3
    assert (made.regime, made.outputs, made.multi_head) == ("domain", 4, False)
    assert [len(part.targets) for part in (made.train[0], made.validation[0], made.test[0])] == [180, 20, 80]


def test_published_sizes_are_the_defaults() -> None:
    settings = PermutedSettings()
    assert (settings.tasks, settings.passes, settings.time_steps) == (50, 10, 3)

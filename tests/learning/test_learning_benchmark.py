"""Avalanche sees real datasets; batches come from tensors and hold the same samples."""

import dataclasses
from collections.abc import Sequence

import torch
from avalanche.benchmarks.utils.data_loader import SingleDatasetDataLoader
from stream import small_task

from hpbench.learning.benchmark import Benchmark
from hpbench.tasks.continual import ContinualTask, Part


def test_batches_equal_those_of_avalanches_loader() -> None:
    benchmark = Benchmark(small_task(regime="task"))
    for experience in [*benchmark.train, *benchmark.evaluated]:
        ours = list(benchmark.store.batches(experience.dataset, 7, shuffle=False))
        theirs = list(SingleDatasetDataLoader(experience.dataset, batch_size=7))
        assert len(ours) == len(theirs) == len(benchmark.store.batches(experience.dataset, 7, shuffle=False))
        for mine, their in zip(ours, theirs, strict=True):
            for one, other in zip(mine, their, strict=True):
                assert torch.equal(one, torch.as_tensor(other))


def test_shuffling_keeps_every_sample_and_follows_the_seed() -> None:
    benchmark = Benchmark(small_task())
    loader = benchmark.store.batches(benchmark.train[0].dataset, 16, shuffle=True)

    def one_pass(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return torch.cat([batch[0] for batch in loader])

    first, again, other = one_pass(0), one_pass(0), one_pass(1)
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(first.unique(dim=0), other.unique(dim=0))


def test_rows_survive_subset_and_concatenation() -> None:
    benchmark = Benchmark(small_task())
    first, second = (experience.dataset for experience in benchmark.train)
    mixed = second.subset([3, 1]).concat(first.subset([0]))
    inputs, targets, _ = next(iter(benchmark.store.batches(mixed, 10, shuffle=False)))
    for position, (sample, target, *_) in enumerate(mixed):
        assert torch.equal(inputs[position], sample)
        assert int(targets[position]) == int(target)


def test_experiences_know_their_classes_and_tasks() -> None:
    by_class = Benchmark(small_task()).train
    assert [sorted(one.classes_in_this_experience) for one in by_class] == [[0, 1], [2, 3]]
    assert [one.task_labels for one in by_class] == [[0], [0]]
    by_task = Benchmark(small_task(regime="task")).train
    assert [one.task_labels for one in by_task] == [[0], [1]]


def test_figures_are_measured_on_the_part_that_was_asked_for() -> None:
    task = small_task(evaluate_on="validation")
    sizes = [len(one.dataset) for one in Benchmark(task).evaluated]
    assert sizes == [len(part.targets) for part in task.validation]


def permuted(task: ContinualTask) -> ContinualTask:
    """The first experience three times over one tensor: as it is, and in two orders of its pixels."""
    orders = [None, torch.arange(8, -1, -1), torch.randperm(9, generator=torch.Generator().manual_seed(0))]

    def views(parts: Sequence[Part]) -> list[Part]:
        return [dataclasses.replace(parts[0], permutation=order) for order in orders]

    return dataclasses.replace(
        task,
        regime="domain",
        train=views(task.train),
        validation=views(task.validation),
        test=views(task.test),
    )


def test_permuted_parts_share_one_tensor_and_are_permuted_in_the_batch() -> None:
    task = permuted(small_task())
    benchmark = Benchmark(task)
    distinct = len(task.train[0].targets) + len(task.validation[0].targets) + len(task.test[0].targets)
    assert len(benchmark.store.inputs) == distinct
    for experience, part in zip(benchmark.train, task.train, strict=True):
        order = list(range(9)) if part.permutation is None else part.permutation.tolist()
        literal = [[float(sample[pixel]) for pixel in order] for sample in part.inputs]
        ours = list(benchmark.store.batches(experience.dataset, 7, shuffle=False))
        assert torch.cat([batch[0] for batch in ours]).tolist() == literal
        assert torch.equal(torch.cat([batch[1] for batch in ours]), part.targets)
        theirs = SingleDatasetDataLoader(experience.dataset, batch_size=7)
        assert torch.cat([batch[0] for batch in theirs]).tolist() == literal


def test_a_batch_may_mix_permutations() -> None:
    benchmark = Benchmark(permuted(small_task()))
    mixed = benchmark.train[2].dataset.subset([3, 1]).concat(benchmark.train[0].dataset.subset([0]))
    inputs, *_ = next(iter(benchmark.store.batches(mixed, 10, shuffle=False)))
    for position, (sample, *_) in enumerate(mixed):
        assert torch.equal(inputs[position], sample)

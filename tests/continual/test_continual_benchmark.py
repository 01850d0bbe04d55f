"""Avalanche sees real datasets; batches come from tensors and hold the same samples."""

import torch
from avalanche.benchmarks.utils.data_loader import SingleDatasetDataLoader
from stream import small_task

from hpbench.continual.benchmark import Benchmark


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

"""A task as an Avalanche benchmark whose data stay in memory as tensors."""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

import torch
from avalanche.benchmarks import CLScenario, benchmark_from_datasets
from avalanche.benchmarks.scenarios.supervised import with_classes_timeline
from avalanche.benchmarks.scenarios.task_aware import with_task_labels
from avalanche.benchmarks.utils import AvalancheDataset, DataAttribute, TaskLabels
from torch import Tensor
from torch.utils.data import Dataset

from hpbench.tasks.continual import ContinualTask, Part
from hpbench.tasks.pieces import together

_ROW = "row"


class PartDataset(Dataset):
    """A part as a PyTorch dataset, for loaders other than ours."""

    def __init__(self, part: Part) -> None:
        self.part = part

    def __len__(self) -> int:
        return len(self.part.targets)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        sample = self.part.inputs[torch.tensor([index])][0]
        if self.part.permutation is not None:
            sample = sample[self.part.permutation]
        return sample, self.part.targets[index]


class TensorStore:
    """All samples of a task in a few tensors; datasets refer to samples by row numbers.

    Inputs shared by several parts are stored once: a row refers to a sample of `inputs` and a permutation.
    With `with_rows`, batches contain the row numbers too, before the task labels.
    """

    def __init__(self, parts: Sequence[Part], task_labels: Sequence[int], *, with_rows: bool = False) -> None:
        self.with_rows = with_rows
        self.parts = parts
        own = {id(part.inputs): part.inputs for part in parts}
        first = dict(zip(own, accumulate((len(one) for one in own.values()), initial=0), strict=False))
        self.inputs = together(list(own.values()))
        device = self.inputs.device
        self.samples = torch.cat(
            [
                torch.arange(
                    first[id(part.inputs)], first[id(part.inputs)] + len(part.targets), device=device
                )
                for part in parts
            ]
        )
        self.targets = torch.cat([part.targets for part in parts])
        sizes = torch.tensor([len(part.targets) for part in parts], device=device)
        self.task_labels = torch.tensor(task_labels, device=device).repeat_interleave(sizes)
        self.permutations: Tensor | None = None
        if any(part.permutation is not None for part in parts):
            same = torch.arange(self.inputs.shape[1], device=device)
            orders = [same if part.permutation is None else part.permutation for part in parts]
            self.permutations = torch.stack(orders)
            self.orders = torch.arange(len(parts), device=device).repeat_interleave(sizes)

    def datasets(self) -> list[AvalancheDataset]:
        """An Avalanche dataset of each part, whose `row` attribute survives subset and concat."""
        made, first = [], 0
        for part in self.parts:
            piece = slice(first, first + len(part.targets))
            attributes = [
                DataAttribute(self.targets[piece].tolist(), "targets"),
                DataAttribute(list(range(piece.start, piece.stop)), _ROW, use_in_getitem=self.with_rows),
                TaskLabels(self.task_labels[piece].tolist()),
            ]
            made.append(AvalancheDataset([PartDataset(part)], data_attributes=attributes))
            first = piece.stop
        return made

    def rows_of(self, dataset: AvalancheDataset) -> Tensor:
        """The row numbers of the dataset's samples."""
        return torch.as_tensor(list(getattr(dataset, _ROW)), device=self.inputs.device)

    def batches(self, dataset: AvalancheDataset, size: int, *, shuffle: bool) -> "Batches":
        """The dataset's samples in batches, without a Python loop over samples."""
        return Batches(self, self.rows_of(dataset), size, shuffle)

    def batch(self, rows: Tensor) -> list[Tensor]:
        """[inputs, targets, (rows,) task labels] of these rows, with the permutation of their part."""
        inputs = self.inputs[self.samples[rows]]
        if self.permutations is not None:
            inputs = inputs.gather(1, self.permutations[self.orders[rows]])
        between = [rows] if self.with_rows else []
        return [inputs, self.targets[rows], *between, self.task_labels[rows]]


class Batches:
    """Iterates over [inputs, targets, (rows,) task labels], shuffled anew by torch's generator each time.

    `between`, if there is one, is called between two batches, with the number of those given out. If the
    attributes are stored there, and `goes_on` is then set in what was read again, it gives out the others.
    """

    def __init__(self, store: TensorStore, rows: Tensor, size: int, shuffle: bool) -> None:
        self.store = store
        self.rows = rows
        self.size = size
        self.shuffle = shuffle
        self.between: Callable[[int], None] | None = None
        self.goes_on = False
        self._order, self._given = rows, 0

    def __len__(self) -> int:
        return -(-len(self.rows) // self.size)

    def __iter__(self) -> Iterator[list[Tensor]]:
        rows, first = self.rows, 0
        if self.goes_on:
            rows, first, self.goes_on = self._order, self._given, False
        elif self.shuffle:
            rows = rows[torch.randperm(len(rows)).to(rows.device)]
        for number, batch in enumerate(rows.split(self.size)[first:], first):
            if self.between is not None and number > first:
                self._order, self._given = rows, number
                self.between(number)
            yield self.store.batch(batch)


class Benchmark:
    """The Avalanche scenario of a task and the tensors behind it.

    Rows 0, 1, … of the tensors are the training samples, in the order of the task. `with_rows` adds the
    row numbers to batches, for plugins that must know which samples they have seen.
    """

    def __init__(self, task: ContinualTask, *, with_rows: bool = False) -> None:
        streams = {"train": task.train, "validation": task.validation, "test": task.test}
        streams = {name: parts for name, parts in streams.items() if sum(len(part.targets) for part in parts)}
        flat = [part for parts in streams.values() for part in parts]
        labels = [
            number if task.multi_head else 0 for parts in streams.values() for number in range(len(parts))
        ]
        self.store = TensorStore(flat, labels, with_rows=with_rows)
        datasets = iter(self.store.datasets())
        split = {name: [next(datasets) for _ in parts] for name, parts in streams.items()}
        self.scenario: CLScenario = with_classes_timeline(with_task_labels(benchmark_from_datasets(**split)))
        self.train = list(self.scenario.streams["train"])
        self.evaluated = self.scenario.streams[task.evaluate_on]

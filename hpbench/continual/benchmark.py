"""A task as an Avalanche benchmark whose data stay in memory as tensors."""

from collections.abc import Iterator, Sequence

import torch
from avalanche.benchmarks import CLScenario, benchmark_from_datasets
from avalanche.benchmarks.scenarios.supervised import with_classes_timeline
from avalanche.benchmarks.scenarios.task_aware import with_task_labels
from avalanche.benchmarks.utils import AvalancheDataset, DataAttribute, TaskLabels
from torch import Tensor
from torch.utils.data import TensorDataset

from hpbench.core.task import ContinualTask, Part

_ROW = "row"


class TensorStore:
    """All samples of a task in three tensors; a dataset knows its samples by their rows here.

    With `with_rows`, batches hold them too, before the task labels.
    """

    def __init__(self, parts: Sequence[Part], task_labels: Sequence[int], *, with_rows: bool = False) -> None:
        self.with_rows = with_rows
        self.inputs = torch.cat([part.inputs for part in parts])
        self.targets = torch.cat([part.targets for part in parts])
        labels = [
            torch.full_like(part.targets, label) for part, label in zip(parts, task_labels, strict=True)
        ]
        self.task_labels = torch.cat(labels)

    def datasets(self, sizes: Sequence[int]) -> list[AvalancheDataset]:
        """Avalanche datasets of consecutive rows, whose `row` attribute survives subset and concat."""
        made, first = [], 0
        for size in sizes:
            rows = range(first, first + size)
            piece = slice(first, first + size)
            attributes = [
                DataAttribute(self.targets[piece].tolist(), "targets"),
                DataAttribute(list(rows), _ROW, use_in_getitem=self.with_rows),
                TaskLabels(self.task_labels[piece].tolist()),
            ]
            base = TensorDataset(self.inputs[piece], self.targets[piece])
            made.append(AvalancheDataset([base], data_attributes=attributes))
            first += size
        return made

    def batches(self, dataset: AvalancheDataset, size: int, *, shuffle: bool) -> "Batches":
        """The dataset's samples in batches, without Python work per sample."""
        rows = torch.as_tensor(list(getattr(dataset, _ROW)), device=self.inputs.device)
        return Batches(self, rows, size, shuffle)


class Batches:
    """Iterates over [inputs, targets, (rows,) task labels], shuffled anew by torch's generator each time."""

    def __init__(self, store: TensorStore, rows: Tensor, size: int, shuffle: bool) -> None:
        self.store = store
        self.rows = rows
        self.size = size
        self.shuffle = shuffle

    def __len__(self) -> int:
        return -(-len(self.rows) // self.size)

    def __iter__(self) -> Iterator[list[Tensor]]:
        rows = self.rows
        if self.shuffle:
            rows = rows[torch.randperm(len(rows)).to(rows.device)]
        for batch in rows.split(self.size):
            store = self.store
            between = [batch] if store.with_rows else []
            yield [store.inputs[batch], store.targets[batch], *between, store.task_labels[batch]]


class Benchmark:
    """The Avalanche scenario of a task and the tensors behind it.

    Rows 0, 1, … of the tensors are the training samples, in the order of the task. `with_rows` puts them into
    batches, for plugins that must know which samples they have seen.
    """

    def __init__(self, task: ContinualTask, *, with_rows: bool = False) -> None:
        streams = {"train": task.train, "validation": task.validation, "test": task.test}
        streams = {name: parts for name, parts in streams.items() if sum(len(part.targets) for part in parts)}
        flat = [part for parts in streams.values() for part in parts]
        labels = [
            number if task.multi_head else 0 for parts in streams.values() for number in range(len(parts))
        ]
        self.store = TensorStore(flat, labels, with_rows=with_rows)
        datasets = iter(self.store.datasets([len(part.targets) for part in flat]))
        split = {name: [next(datasets) for _ in parts] for name, parts in streams.items()}
        self.scenario: CLScenario = with_classes_timeline(with_task_labels(benchmark_from_datasets(**split)))
        self.train = list(self.scenario.streams["train"])
        self.evaluated = self.scenario.streams[task.evaluate_on]

"""Split MNIST with Avalanche and another library's network, written as a user of both would write it.

Five experiences of two digits, one pass, batches of 100, Adam at 1e-3, cross-entropy of spike rates,
Avalanche's `Naive` strategy, tested on all experiences after each; accuracies and forgetting are logged.
"""

import io
from collections.abc import Callable
from pathlib import Path

import torch
from avalanche.benchmarks import CLScenario, SplitMNIST, nc_benchmark
from avalanche.evaluation.metrics import accuracy_metrics, forgetting_metrics
from avalanche.logging import TextLogger
from avalanche.training.plugins import EvaluationPlugin
from avalanche.training.supervised import Naive
from torch import Tensor
from torch.utils.data import Dataset

from benchmarks.engine_others import NorseNetwork, SnnTorchNetwork, SpikingJellyNetwork
from benchmarks.engine_step import Size

NETWORKS: dict[str, Callable[[Size], torch.nn.Module]] = {
    "snntorch": SnnTorchNetwork,
    "norse": NorseNetwork,
    "spikingjelly": lambda size: SpikingJellyNetwork(size, "m"),
}
"""The network of each library in its usual way, by the library's module."""


class _Drawn(Dataset[tuple[Tensor, int]]):
    """A few random images with digits, to see that everything runs."""

    def __init__(self) -> None:
        self.images = torch.rand(100, 1, 28, 28)
        self.targets = [number % 10 for number in range(100)]

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.images[index], self.targets[index]


def scenario(root: Path | None) -> CLScenario:
    """Split MNIST from a folder in torchvision's layout; of random images if it is None."""
    order = list(range(10))
    if root is None:
        return nc_benchmark(_Drawn(), _Drawn(), n_experiences=5, task_labels=False, fixed_class_order=order)
    return SplitMNIST(n_experiences=5, dataset_root=root, fixed_class_order=order)


def whole_run(library: str, root: Path | None) -> float:
    """Train and test through the stream; the accuracy on all experiences at the end."""
    torch.manual_seed(0)
    stream = scenario(root)
    model = torch.nn.Sequential(torch.nn.Flatten(), NETWORKS[library](Size()))
    metrics = accuracy_metrics(epoch=True, experience=True, stream=True), forgetting_metrics(experience=True)
    strategy = Naive(
        model=model,
        optimizer=torch.optim.Adam(model.parameters(), lr=1e-3),
        criterion=torch.nn.CrossEntropyLoss(),
        train_mb_size=100,
        train_epochs=1,
        eval_mb_size=100,
        evaluator=EvaluationPlugin(*metrics, loggers=[TextLogger(io.StringIO())]),
    )
    found: dict[str, float] = {}
    for experience in stream.train_stream:
        strategy.train(experience)
        found = strategy.eval(stream.test_stream)
    return next(value for name, value in found.items() if name.startswith("Top1_Acc_Stream"))

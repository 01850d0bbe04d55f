"""What the training loop costs beyond forward, backward and optimizer.

Times one experience (two digits of MNIST, or of mnist5k) in three ways, interleaved: a bare loop over
batches that are formed beforehand, our template, and Avalanche's template with its own loader; then
strategies that bring loaders of their own, against a bare loop over batches of their size. Prints a table
and writes `loop_overhead.csv` beside this file. Run: `uv run python benchmarks/loop_overhead.py`
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from avalanche.training.plugins import ReplayPlugin
from avalanche.training.templates import SupervisedTemplate

from hpbench import registry
from hpbench.continual.benchmark import Benchmark
from hpbench.continual.settings import ContinualSettings
from hpbench.continual.supervised import LOSSES, supervised
from hpbench.core.task import ContinualTask, Resources

ROUNDS = 7
BATCH = 100


def main() -> None:
    """Measure, print and write."""
    torch.set_num_threads(1)
    scenario = registry.load(registry.find("scenarios", "split_mnist"))
    task = scenario.build(scenario.Settings(), Resources(None, "cpu", print))
    benchmark = Benchmark(task)
    rows = []
    for network in ("gp", "hp", "ann"):
        settings = ContinualSettings(network=network)
        ways = {
            "bare loop": bare(settings, task, BATCH),
            "our template": ours(settings, task, benchmark),
            "Avalanche's loader": avalanche(settings, task, benchmark),
        }
        rows += measure(network, ways)
    settings = ContinualSettings()
    ways = {
        "bare loop, batches of 200": bare(settings, task, 2 * BATCH),
        "replay with Avalanche's loader": replay(settings, task, benchmark),
    }
    rows += measure("gp", ways)
    table = pd.DataFrame(rows)
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False)
    print(f"{task.dataset}, batch {BATCH}, medians of {ROUNDS} interleaved rounds, one thread")
    print(table.to_string(index=False))


def measure(network: str, ways: dict[str, Callable[[], int]]) -> list[dict[str, Any]]:
    """Median milliseconds per batch of each way, and its overhead over the first, from ratios per round."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for round_number in range(ROUNDS + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            batches = way()
            if round_number:  # the first round warms up
                seconds[name].append((time.perf_counter() - start) / batches)
    base = next(iter(seconds.values()))
    return [
        {
            "network": network,
            "way": name,
            "ms_per_batch": round(1e3 * statistics.median(times), 3),
            "overhead": round(statistics.median(a / b for a, b in zip(times, base, strict=True)) - 1, 3),
        }
        for name, times in seconds.items()
    ]


def bare(settings: Any, task: ContinualTask, size: int) -> Callable[[], int]:
    """Forward, backward and optimizer on batches that are there already."""
    strategy = supervised(settings, task)
    part = task.train[0]
    batches = list(zip(part.inputs.split(size), part.targets.split(size), strict=True))
    loss_of: Any = LOSSES[settings.loss]

    def run() -> int:
        strategy.model.train()
        for inputs, targets in batches:
            strategy.optimizer.zero_grad()
            loss_of(strategy.model(inputs), targets).backward()
            strategy.optimizer.step()
        return len(batches)

    return run


def ours(settings: Any, task: ContinualTask, benchmark: Benchmark) -> Callable[[], int]:
    """The template that strategies use, batches from tensors in memory."""
    strategy = supervised(settings, task)
    strategy.store = benchmark.store
    return _training(strategy, benchmark.train[0])


def avalanche(settings: Any, task: ContinualTask, benchmark: Benchmark) -> Callable[[], int]:
    """Avalanche's template and loader around the same network."""
    like = supervised(settings, task)
    strategy = SupervisedTemplate(
        model=like.model,
        optimizer=like.optimizer,
        criterion=LOSSES[settings.loss],
        train_mb_size=BATCH,
        eval_mb_size=BATCH,
        evaluator=None,
    )
    return _training(strategy, benchmark.train[0])


def replay(settings: Any, task: ContinualTask, benchmark: Benchmark) -> Callable[[], int]:
    """The second experience with a full memory of the first: 100 new and 100 stored samples a batch."""
    strategy = supervised(settings, task, plugins=[ReplayPlugin(mem_size=1000)])
    strategy.store = benchmark.store
    strategy.train(benchmark.train[0], eval_streams=[])
    return _training(strategy, benchmark.train[1])


def _training(strategy: Any, experience: Any) -> Callable[[], int]:
    batches = -(-len(experience.dataset) // BATCH)

    def run() -> int:
        strategy.train(experience, eval_streams=[])
        return batches

    return run


if __name__ == "__main__":
    main()

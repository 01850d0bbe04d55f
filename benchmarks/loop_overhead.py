"""What the training loop costs beyond forward, backward and optimizer.

Times one experience (two digits of MNIST, or of mnist5k) in three ways, interleaved: a bare loop over
batches that are formed beforehand, our template, and Avalanche's template with its own loader; then
strategies that bring loaders of their own, against a bare loop over batches of their size. Prints a table
and writes `loop_overhead.csv` beside this file. Run: `uv run python -m benchmarks.loop_overhead`
"""

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from avalanche.training.plugins import ReplayPlugin
from avalanche.training.templates import SupervisedTemplate

from benchmarks.timing import interleaved, ratio
from hpbench import registry
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.losses import LOSSES
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.supervised import supervised
from hpbench.runs.processor import prepare_processor
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

ROUNDS = 7
BATCH = 100


def main() -> None:
    """Measure, print and write."""
    prepare_processor(threads=1)
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


def measure(network: str, ways: dict[str, tuple[Callable[[], None], int]]) -> list[dict[str, Any]]:
    """Median milliseconds per batch of each way, and its overhead over the first, from ratios per round.

    A way comes with the number of batches that it trains on.
    """
    times = interleaved({name: way for name, (way, _) in ways.items()}, ROUNDS)
    per_batch = {name: [one / ways[name][1] for one in times[name]] for name in ways}
    base = next(iter(per_batch.values()))
    return [
        {
            "network": network,
            "way": name,
            "ms_per_batch": round(statistics.median(own), 3),
            "overhead": round(ratio(own, base) - 1, 3),
        }
        for name, own in per_batch.items()
    ]


def bare(settings: Any, task: ContinualTask, size: int) -> tuple[Callable[[], None], int]:
    """Forward, backward and optimizer on batches that are there already."""
    strategy = supervised(settings, task)
    part = task.train[0]
    inputs = part.inputs[torch.arange(len(part.targets))]
    batches = list(zip(inputs.split(size), part.targets.split(size), strict=True))
    loss_of: Any = LOSSES[settings.loss]

    def run() -> None:
        strategy.model.train()
        for inputs, targets in batches:
            strategy.optimizer.zero_grad()
            loss_of(strategy.model(inputs), targets).backward()
            strategy.optimizer.step()

    return run, len(batches)


def ours(settings: Any, task: ContinualTask, benchmark: Benchmark) -> tuple[Callable[[], None], int]:
    """The template that strategies use, batches from tensors in memory."""
    strategy = supervised(settings, task)
    strategy.store = benchmark.store
    return _training(strategy, benchmark.train[0])


def avalanche(settings: Any, task: ContinualTask, benchmark: Benchmark) -> tuple[Callable[[], None], int]:
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


def replay(settings: Any, task: ContinualTask, benchmark: Benchmark) -> tuple[Callable[[], None], int]:
    """The second experience with a full memory of the first: 100 new and 100 stored samples a batch."""
    strategy = supervised(settings, task, plugins=[ReplayPlugin(mem_size=1000)])
    strategy.store = benchmark.store
    strategy.train(benchmark.train[0], eval_streams=[])
    return _training(strategy, benchmark.train[1])


def _training(strategy: Any, experience: Any) -> tuple[Callable[[], None], int]:
    return lambda: strategy.train(experience, eval_streams=[]), -(-len(experience.dataset) // BATCH)


if __name__ == "__main__":
    main()

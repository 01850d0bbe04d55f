"""What Hebbian prototypes add to a training step of GP.

Times one pass over the first experience of split MNIST (or of mnist5k) with and without prototypes,
interleaved: class means alone (plain), with their covariance (decorrelated), and behind them a random spiking
expansion or competing columns on the pixels; then the solution of the whitened read-out, which evaluation
needs once after an experience. The hidden layer learns in all of them. Prints a table and
writes `prototypes.csv` beside this file.
Run: `uv run python -m benchmarks.prototypes`
"""

import dataclasses
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from benchmarks.timing import interleaved, ratio
from hpbench import registry
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.prototypes.memory import PrototypeMemory
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.strategy import adopt
from hpbench.learning.supervised import supervised
from hpbench.runs.processor import prepare_processor
from hpbench.tasks.continual import ContinualTask, Part
from hpbench.tasks.resources import Resources

ROUNDS = 15
SAMPLES = 2000
HIDDEN, EXPANSION, COLUMNS = 512, 2048, {32: 1152, 64: 2304}
"""Features of the hidden layer, of the expansion, and of columns by their neurons."""

WAYS: dict[str, dict[str, Any]] = {
    "gp": {"prototypes": False},
    "plain, 512": {"prototype_read_out": "nearest"},
    "plain, 512, in the loss": {"prototype_read_out": "nearest", "prototype_training": "mix", "mix": 0.5},
    "decorrelated, 512": {"prototype_read_out": "lda"},
    "plain, expansion of 2,048": {"prototype_read_out": "nearest", "expansion": EXPANSION},
    "decorrelated, expansion of 2,048": {"prototype_read_out": "lda", "expansion": EXPANSION},
    **{
        f"{way}, {neurons} columns": {
            "prototype_read_out": read_out,
            "columns": neurons,
            "prototype_of": "input",
        }
        for neurons in COLUMNS
        for way, read_out in (("plain", "nearest"), ("decorrelated", "lda"))
    },
}


def main() -> None:
    """Measure, print and write."""
    prepare_processor(threads=1)
    scenario = registry.load(registry.find("scenarios", "split_mnist"))
    task = scenario.build(scenario.Settings(), Resources(None, "cpu", print))
    parts = [Part(part.inputs[:SAMPLES], part.targets[:SAMPLES]) for part in task.train]
    task = dataclasses.replace(task, train=parts)
    ways = {name: training(changes, task) for name, changes in WAYS.items()}
    times = interleaved({name: way for name, (way, _) in ways.items()}, ROUNDS)
    per_batch = {name: [one / ways[name][1] for one in times[name]] for name in ways}
    rows = [
        {
            "way": name,
            "ms_per_batch": round(statistics.median(own), 3),
            "share_of_gp_step": round(ratio(own, per_batch["gp"]) - 1, 3),
        }
        for name, own in per_batch.items()
    ]
    sizes = (HIDDEN, *COLUMNS.values(), EXPANSION)
    solving = interleaved({f"solution, {size:,}": solution(size) for size in sorted(sizes)}, ROUNDS)
    rows += [
        {"way": name, "ms_per_solution": round(statistics.median(own), 1)} for name, own in solving.items()
    ]
    table = pd.DataFrame(rows)
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False)
    print(f"{task.dataset}, batch 100, medians of {ROUNDS} interleaved rounds, one thread")
    print(table.to_string(index=False, na_rep=""))


def training(changes: dict[str, Any], task: ContinualTask) -> tuple[Callable[[], None], int]:
    """A pass over the first experience, every sample of which is new to the memory, and its batches."""
    always = {"network": "gp", "hidden": [HIDDEN], "prototypes": True, "feature_drift": "ignored"}
    settings = ContinualSettings(**{**always, **changes})
    strategy: Any = supervised(settings, task)
    benchmark = Benchmark(task, with_rows=settings.prototypes)
    adopt(strategy, benchmark.store)
    experience = benchmark.train[0]

    def run() -> None:
        for plugin in strategy.plugins:
            if hasattr(plugin, "counted"):
                plugin.counted.zero_()
        strategy.train(experience, eval_streams=[])

    return run, -(-len(experience.dataset) // strategy.train_mb_size)


def solution(features: int) -> Callable[[], None]:
    """The Cholesky factorisation and the weights from it."""
    memory = PrototypeMemory(10, features, "lda", shrinkage=0.01)
    samples = torch.rand(1000, features)

    def run() -> None:
        memory.add(samples[:10], torch.arange(10))  # outdates the solution before
        memory.scores(samples[:1])

    return run


if __name__ == "__main__":
    main()

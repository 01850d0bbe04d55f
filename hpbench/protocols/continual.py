"""The continual protocol: learn the experiences one after another, test on all of them after each."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import torch

from hpbench.continual.benchmark import Benchmark
from hpbench.continual.best_pass import BestPass
from hpbench.continual.online import Arrivals
from hpbench.continual.strategy import (
    adopt,
    check_arrival,
    checked,
    is_joint,
    learner,
    looking,
    prototypes_of,
    stored_samples,
)
from hpbench.continual.watch import LearningCurve, Point, Predictions, Progress
from hpbench.core.task import ContinualTask
from hpbench.metrics import continual as metrics
from hpbench.metrics.cost import measure


@dataclass
class Outcome:
    """What a run measured: the protocol's part of the row, and what only the record keeps."""

    row: dict[str, Any]
    details: dict[str, Any] = field(default_factory=dict)


def run(
    builder: Callable[[Any, ContinualTask], Any],
    settings: Any,
    task: ContinualTask,
    report: Callable[[Progress], None],
) -> Outcome:
    """Train and test the strategy that `builder(settings, task)` returns.

    `report` is called during training, a few times per second of work.
    """
    strategy = checked(builder(settings, task), settings)
    check_arrival(strategy, task)
    prototypes = prototypes_of(strategy)
    benchmark = Benchmark(task, with_rows=prototypes is not None)
    adopt(strategy, benchmark.store)
    steps: list[Any]  # of what the strategy is trained on between two tests, one after another
    if is_joint(strategy):
        steps = [[benchmark.train]]
    elif task.boundaries:
        steps = [[experience] for experience in benchmark.train]
    else:
        steps = [Arrivals(experience, task.arrival or 1) for experience in benchmark.train]
    curve = LearningCurve(report, [len(pieces) for pieces in steps], strategy.train_epochs)
    predictions = Predictions(task.outputs)
    strategy.plugins[:0] = [curve, predictions]
    if task.selection == "validation":
        validation = benchmark.scenario.streams["validation"]
        strategy.plugins.insert(0, BestPass(validation, benchmark.store))

    clock = _Clock()
    before = None
    if task.regime != "class":
        before = _evaluate(strategy, benchmark, predictions, clock)
    matrix = []
    for number, pieces in enumerate(steps):
        with clock.training:
            for experiences in pieces:
                strategy.train(experiences, eval_streams=[])
        tested = None if task.ahead is None or len(steps) == 1 else number + 1 + task.ahead
        matrix.append(_evaluate(strategy, benchmark, predictions, clock, tested))
    return _outcome(strategy, task, benchmark, curve, predictions, clock, matrix, before)


class _Stopwatch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._start


class _Clock:
    def __init__(self) -> None:
        self.training = _Stopwatch()
        self.testing = _Stopwatch()


def _evaluate(
    strategy: Any,
    benchmark: Benchmark,
    predictions: Predictions,
    clock: _Clock,
    tested: int | None = None,
) -> list[float | None]:
    """Accuracy on every experience; None after the first `tested` ones."""
    with clock.testing:
        strategy.eval(benchmark.evaluated[:tested])
        matrices = predictions.matrices()
    found: list[float | None] = [int(matrix.diag().sum()) / int(matrix.sum()) for matrix in matrices]
    return found + [None] * (len(benchmark.evaluated) - len(found))


def _outcome(
    strategy: Any,
    task: ContinualTask,
    benchmark: Benchmark,
    curve: LearningCurve,
    predictions: Predictions,
    clock: _Clock,
    matrix: list[list[float | None]],
    before: list[float | None] | None,
) -> Outcome:
    confusions = predictions.matrices()
    weights = [float(one.sum()) for one in confusions] if task.pooled else None
    firsts = [
        next(iter(benchmark.store.batches(one.dataset, 100, shuffle=False))) for one in benchmark.evaluated
    ]
    cost = measure(learner(strategy), looking(strategy, firsts))
    prototypes = prototypes_of(strategy)
    network = getattr(strategy.model, "network", strategy.model)
    facts = network.facts() if hasattr(network, "facts") else {"network": type(network).__name__}
    spiking = dict.fromkeys(("dialect", "surrogate", "trace_at_test", "encoding", "time_steps"))
    speed = {share: _learning_speed(curve.points, share) for share in (0.8, 0.9)}
    mixed = prototypes.details() if prototypes is not None else None
    row = {
        "accuracy": metrics.average_accuracy(matrix, weights),
        "incremental_accuracy": metrics.incremental_accuracy(matrix, weights),
        "forgetting": metrics.forgetting(matrix),
        "bwt": metrics.backward_transfer(matrix),
        "fwt": metrics.forward_transfer(matrix, before),
        "samples_to_80": speed[0.8],
        "samples_to_90": speed[0.9],
        "regime": task.regime,
        "head": "multi" if task.multi_head else "single",
        "task_identity_at_test": task.multi_head,
        "boundaries": "told" if task.boundaries else "hidden",
        "memory_samples": stored_samples(strategy, task),
        "experiences": len(task.train),
        "passes": task.passes,
        "epochs": sum(curve.epochs) / len(curve.epochs),
        "selection": task.selection,
        "evaluated_on": task.evaluate_on,
        "prototype_share": mixed and mixed["local_share"],
        "batch": strategy.train_mb_size,
        "footprint_bytes": cost.footprint_bytes,
        "activation_sparsity": cost.activation_sparsity,
        "synops_dense": cost.per_sample("dense"),
        "synops_acs": cost.per_sample("accumulates"),
        "synops_macs": cost.per_sample("multiply_accumulates"),
        "trace_writes": cost.per_sample("trace_writes"),
        "local_share": cost.local_share,
        "train_seconds": clock.training.seconds,
        "test_seconds": clock.testing.seconds,
        **spiking,
        **facts,
    }
    constants = getattr(network, "p", None)
    details = {
        "constants": {name: str(value) for name, value in constants._asdict().items()} if constants else None,
        "prototypes": mixed,
        "R": matrix,
        "before": before,
        "confusion": torch.stack(confusions).sum(0).tolist() if not task.multi_head else None,
        "confusion_by_experience": [one.tolist() for one in confusions],
        "curve": [asdict(point) for point in curve.points],
        "layers": [{**asdict(layer), "local_share": layer.local_share} for layer in cost.layers],
    }
    return Outcome(row, details)


def _learning_speed(points: list[Point], share: float) -> float:
    """Mean over experiences of the samples until `share` of its last training accuracy."""
    counts = []
    for experience in range(points[-1].experience + 1):
        own = [point for point in points if point.experience == experience]
        start = max((point.samples for point in points if point.experience < experience), default=0)
        counts.append(
            metrics.samples_until(share, [one.samples - start for one in own], [one.accuracy for one in own])
        )
    return sum(counts) / len(counts)

"""The continual protocol: learn the experiences one after another, test on all of them after each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from hpbench.core.outcome import Outcome
from hpbench.core.stages import Stages
from hpbench.core.stopwatch import Stopwatch
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.heads import TaskMasks
from hpbench.learning.logs import Log
from hpbench.learning.online import Arrivals
from hpbench.learning.pauses import Pauses
from hpbench.learning.prepared import Builder, prepared, watch
from hpbench.learning.strategy import is_joint, stored_samples
from hpbench.learning.trained_model import TrainedModel
from hpbench.learning.watch import LearningCurve, Predictions, Progress
from hpbench.metrics import continual as metrics
from hpbench.runs.described import described
from hpbench.states.states import States
from hpbench.tasks import divergence
from hpbench.tasks.continual import ContinualTask


@dataclass
class Course:
    """How far a run has come.

    `before` and `matrix`: accuracies so far. `parts`: parts of the present experience that have been learned;
    `drawn_by`: what their order was drawn by, if it is drawn. `training` and `testing`: time so far.
    """

    before: list[float | None] | None = None
    matrix: list[list[float | None]] = field(default_factory=list)
    parts: int = 0
    drawn_by: Any = None
    training: Stopwatch = field(default_factory=Stopwatch)
    testing: Stopwatch = field(default_factory=Stopwatch)


def run(
    builder: Builder,
    settings: Any,
    task: ContinualTask,
    report: Callable[[Progress], None],
    states: States | None = None,
    log: Log | None = None,
    stages: Stages | None = None,
) -> Outcome:
    """Train and test the strategy that `builder(settings, task)` returns.

    `report` is called during training, a few times per second of work. With `states`, the run goes on from
    where an earlier start of it was killed. `log` gets curves and accuracies, `stages` the mean accuracy over
    experiences so far after each. Raises InputError for a stream that the strategy cannot learn, and for
    experiences without samples or without one of their classes; PrunedError if `stages` does.
    """
    states, stages = states or States(), stages or Stages()
    ready = prepared(builder, settings, task, "continual")
    strategy, benchmark = ready
    steps: list[Any]  # of what the strategy is trained on between two tests, one after another
    if is_joint(strategy):
        steps = [[benchmark.train]]
    elif task.boundaries:
        steps = [[experience] for experience in benchmark.train]
    else:
        steps = [Arrivals(experience, task.arrival or 1) for experience in benchmark.train]
    curve = LearningCurve(report, [len(pieces) for pieces in steps], strategy.train_epochs)
    predictions = Predictions(task.outputs)
    pauses = Pauses(states)
    watch(ready, task, pauses, curve, predictions, stages=stages if len(steps) == 1 else None)
    if log is not None:
        log.watch(strategy)
    course = Course()
    live = {
        "strategy": strategy,
        "curve": curve,
        "predictions": predictions,
        "pauses": pauses,
        "course": course,
        "stages": stages,
    }
    states.take_up(
        {"task": task, "benchmark": benchmark},
        live,
        {"report": report, "states": states},
        lambda: _where(course, curve, pauses),
    )
    if task.regime != "class" and course.before is None:
        with course.testing:
            course.before = evaluate(strategy, benchmark, predictions)
    for number, pieces in list(enumerate(steps))[len(course.matrix) :]:
        with course.training:
            if pauses.inside:
                pauses.go_on(strategy)
                course.parts += 1
            _learn(strategy, pieces, course, states)
        if states.due_early:
            states.write()
        tested = None if task.ahead is None or len(steps) == 1 else number + 1 + task.ahead
        with course.testing:
            found = evaluate(strategy, benchmark, predictions, tested)
        course.matrix.append(found)
        course.parts = 0
        if len(steps) > 1:
            stages.add(metrics.average_accuracy([found[: number + 1]]), last=number == len(steps) - 1)
        if states.due_early:
            states.write()
    matrix, before = course.matrix, course.before
    confusions = predictions.matrices()
    weights = [float(one.sum()) for one in confusions] if task.pooled else None
    points = [(one.experience, one.samples, one.accuracy) for one in curve.points]
    firsts = [
        next(iter(benchmark.store.batches(one.dataset, 100, shuffle=False))) for one in benchmark.evaluated
    ]
    columns, details = described(strategy, task, curve, firsts)
    row = {
        "accuracy": metrics.average_accuracy(matrix, weights),
        "incremental_accuracy": metrics.incremental_accuracy(matrix, weights),
        "forgetting": metrics.forgetting(matrix),
        "bwt": metrics.backward_transfer(matrix),
        "fwt": metrics.forward_transfer(matrix, before),
        "samples_to_80": metrics.learning_speed(points, 0.8),
        "samples_to_90": metrics.learning_speed(points, 0.9),
        "regime": task.regime,
        "head": _head(strategy.model, task),
        "task_identity_at_test": task.multi_head,
        "boundaries": "told" if task.boundaries else "hidden",
        "memory_samples": stored_samples(strategy, task),
        "experiences": len(task.train),
        "train_seconds": course.training.seconds,
        "test_seconds": course.testing.seconds,
        **columns,
        "diverged": divergence.when(curve.diverged, predictions.unusable),
    }
    competing = task.outputs // len(task.train) if task.multi_head else task.outputs
    measured = {
        "R": matrix,
        "pooled": task.pooled,
        "chance": 1 / competing,
        "learned_at_chance": [number + 1 for number in metrics.at_chance(matrix, competing)],
        "before": before,
        "confusion": torch.stack(confusions).sum(0).tolist() if not task.multi_head else None,
        "confusion_by_experience": [one.tolist() for one in confusions],
    }
    trained = TrainedModel(strategy, len(task.train) if task.multi_head else 1)
    return Outcome(row, {**details, **measured}, trained=trained)


def _head(model: torch.nn.Module, task: ContinualTask) -> str:
    if isinstance(model, TaskMasks):
        return "masked"
    return "multi" if task.multi_head else "single"


def _learn(strategy: Any, pieces: Any, course: Course, states: States) -> None:
    """Learn the parts of an experience that are left."""
    if not course.parts:
        rest = iter(pieces)
    elif isinstance(pieces, Arrivals):
        rest = pieces.after(course.parts, course.drawn_by)
    else:
        rest = iter(pieces[course.parts :])
    if isinstance(pieces, Arrivals):
        course.drawn_by = pieces.drawn_by
    for experiences in rest:
        strategy.train(experiences, eval_streams=[])
        course.parts += 1
        if states.due:
            states.write()


def _where(course: Course, curve: LearningCurve, pauses: Pauses) -> str:
    """Where a run is, in words."""
    done, experiences = len(course.matrix), len(curve.trainings)
    if done == experiences:
        return "after the last test"
    if not (course.parts or pauses.inside):
        return f"before experience {done + 1} of {experiences}"
    if curve.trainings[done] > 1:
        return f"experience {done + 1} of {experiences}, after {curve.samples:,} samples"
    if course.parts:
        return f"before the test after experience {done + 1} of {experiences}"
    return f"experience {done + 1} of {experiences}, {pauses.words()}"


def evaluate(
    strategy: Any, benchmark: Benchmark, predictions: Predictions, tested: int | None = None
) -> list[float | None]:
    """Accuracy on every experience; None after the first `tested` ones."""
    strategy.eval(benchmark.evaluated[:tested])
    matrices = predictions.matrices()
    found: list[float | None] = [int(matrix.diag().sum()) / int(matrix.sum()) for matrix in matrices]
    return found + [None] * (len(benchmark.evaluated) - len(found))

"""The robustness protocol: learn all classes at once, then test at every level of every disturbance."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hpbench.core.levels import ByLevel, as_text, from_text
from hpbench.core.outcome import Outcome
from hpbench.core.stopwatch import Stopwatch
from hpbench.disturb.attacked import Attacked
from hpbench.disturb.attacks import ATTACKS
from hpbench.disturb.seeded import level_generator, torch_draws
from hpbench.learning.logs import Log
from hpbench.learning.scores import Scores
from hpbench.learning.supervised import LOSSES
from hpbench.learning.train_once import trained
from hpbench.learning.trained_model import TrainedModel
from hpbench.learning.watch import Progress
from hpbench.metrics import robustness as metrics
from hpbench.runs.described import described
from hpbench.tasks import divergence
from hpbench.tasks.continual import ContinualTask, Inputs
from hpbench.tasks.robustness import RobustnessTask


def run(
    builder: Callable[[Any, ContinualTask], Any],
    settings: Any,
    task: RobustnessTask,
    report: Callable[[Progress], None],
    log: Log | None = None,
) -> Outcome:
    """Train the strategy that `builder(settings, task.learned)` returns, and test it under all disturbances.

    `report` is called during training, a few times per second of work. `log` gets curves, and accuracies by
    level, numbered from 0.
    """
    learned = trained(builder, settings, task, report, log)
    strategy, benchmark = learned.strategy, learned.benchmark
    testing = Stopwatch()
    scores = Scores(strategy)
    with testing, scores.asked():
        confusions, unusable = tested(
            scores, LOSSES[getattr(settings, "loss", "cross_entropy")], strategy.eval_mb_size, task
        )
    first = next(iter(benchmark.store.batches(benchmark.evaluated[0].dataset, 100, shuffle=False)))
    with torch_draws(task.noise_seed, "costs", 0):
        columns, details = described(strategy, task.learned, learned.curve, [first])
    row = {
        **figures(task, confusions),
        "test_order": task.order,
        "adversarial_epsilon": getattr(settings, "adversarial_epsilon", 0.0),
        "train_seconds": learned.seconds,
        "test_seconds": testing.seconds,
        **columns,
        "diverged": divergence.when(learned.curve.diverged, unusable),
    }
    if log is not None:
        for name, by_level in from_text(row["by_level"]).items():
            for number, accuracy in enumerate(by_level.values()):
                log.point(f"accuracy_by_level/{name}", accuracy, number)
    matrices = {
        name: {f"{level:g}": one.tolist() for level, one in by_level.items()}
        for name, by_level in confusions.items()
    }
    details = {**details, "confusion": matrices, "skipped": task.skipped}
    return Outcome(row, details, trained=TrainedModel(strategy))


_CLEAN = "clean"


def tested(
    scores: Scores, loss: Callable[[Tensor, Tensor], Tensor], batch: int, task: RobustnessTask
) -> tuple[dict[str, dict[float, Tensor]], bool]:
    """Confusion matrices (K targets, K predictions) by disturbance and level, with "clean" at level 0.

    Also whether any score was unusable.
    """
    targets, outputs = task.tested.targets, task.learned.outputs
    unusable = []

    def counts(inputs: Inputs, name: str, level: float) -> Tensor:
        batches = torch.arange(len(inputs), device=inputs.device).split(batch)
        with torch.no_grad(), torch_draws(task.noise_seed, name, level):
            found = torch.cat([scores(inputs[rows]) for rows in batches])
        unusable.append(divergence.unusable(found).any())
        pairs = torch.bincount(targets * outputs + found.argmax(1), minlength=outputs**2)
        return pairs.view(outputs, outputs).cpu()

    clean = counts(task.tested.inputs, _CLEAN, 0)
    confusions = {_CLEAN: {0.0: clean}}
    for name, levels in task.levels.items():
        confusions[name] = {}
        for level in levels:
            if level == 0:
                confusions[name][level] = clean
                continue
            if name in ATTACKS:
                attacked = Attacked(
                    scores=scores,
                    loss=loss,
                    images=task.tested.inputs[torch.arange(len(targets), device=targets.device)],
                    targets=targets,
                    outputs=outputs,
                    batch=batch,
                    random=level_generator(task.noise_seed, name, level),
                    steps=task.attack_steps,
                    queries=task.attack_queries,
                )
                with torch_draws(task.noise_seed, f"attack {name}", level):
                    inputs = ATTACKS[name].apply(attacked, level)
            else:
                inputs = task.disturbed(name, level)
            confusions[name][level] = counts(inputs, name, level)
    return confusions, any(map(bool, unusable))


def figures(task: RobustnessTask, confusions: dict[str, dict[float, Tensor]]) -> dict[str, Any]:
    """The columns computed from the confusion matrices by disturbance and level."""
    accuracies: ByLevel = {
        name: {level: int(one.diag().sum()) / int(one.sum()) for level, one in by_level.items()}
        for name, by_level in confusions.items()
    }
    clean = accuracies[_CLEAN][0.0]
    tested = {name: accuracies[name] for name in task.levels}
    default, *_ = tested
    levels, reached = list(tested[default]), list(tested[default].values())
    return {
        "accuracy": metrics.mean_accuracy(reached),
        "clean_accuracy": clean,
        "mean_accuracy": metrics.mean_accuracy([one for some in tested.values() for one in some.values()]),
        "relative_drop": metrics.relative_drop(clean, reached),
        "area_under_curve": metrics.area_under_curve(levels, reached),
        "disturbance": default,
        "tested_samples": len(task.tested.targets),
        "by_level": as_text(tested),
    }

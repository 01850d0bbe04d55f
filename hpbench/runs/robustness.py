"""The robustness protocol: learn all classes at once, then test at every level of every disturbance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from hpbench.core.levels import ByLevel, as_text, from_text
from hpbench.core.outcome import Outcome
from hpbench.core.stages import Stages
from hpbench.core.stopwatch import Stopwatch
from hpbench.disturb.attacks import ATTACKS
from hpbench.disturb.seeded import torch_draws
from hpbench.learning.adapting import adapting
from hpbench.learning.logs import Log
from hpbench.learning.losses import LOSSES
from hpbench.learning.scores import Scores
from hpbench.learning.train_once import trained
from hpbench.learning.trained_model import TrainedModel
from hpbench.learning.watch import Progress
from hpbench.metrics import robustness as metrics
from hpbench.runs.described import described
from hpbench.runs.other_networks import other_networks
from hpbench.runs.under_attack import Segment, Told, attack_columns, attacked_by, attacks_by_level
from hpbench.states.states import States
from hpbench.tasks import divergence
from hpbench.tasks.continual import ContinualTask, Inputs
from hpbench.tasks.robustness import RobustnessTask


def run(
    builder: Callable[[Any, ContinualTask], Any],
    settings: Any,
    task: RobustnessTask,
    report: Callable[[Progress], None],
    states: States | None = None,
    log: Log | None = None,
    stages: Stages | None = None,
) -> Outcome:
    """Train the strategy that `builder(settings, task.learned)` returns, and test it under all disturbances.

    `report` is called during training, a few times per second of work. With `states`, the run goes on from
    where an earlier start of it was killed. `log` gets curves, and accuracies by level, numbered from 0,
    `stages` the accuracies of passes on undisturbed validation data, if the best pass is selected.
    """
    states = states or States()
    tested, others = Tested(), other_networks(task)
    learned = trained(builder, settings, task, report, states, {"tested": tested}, tested.words, log, stages)
    strategy, benchmark = learned.strategy, learned.benchmark
    loss = LOSSES[getattr(settings, "loss", "cross_entropy")]
    confusions = test_levels(strategy, loss, task, tested, states, others)
    first = next(iter(benchmark.store.batches(benchmark.evaluated[0].dataset, 100, shuffle=False)))
    with torch_draws(task.noise_seed, "costs", 0):
        columns, details = described(strategy, task.learned, learned.curve, [first])
    row = {
        **figures(task, confusions, tested.attacks),
        "test_order": task.order,
        "adversarial_epsilon": getattr(settings, "adversarial_epsilon", 0.0),
        "train_seconds": learned.seconds,
        "test_seconds": tested.clock.seconds,
        **columns,
        "diverged": divergence.when(learned.curve.diverged, tested.unusable),
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
    details |= {"attacks": attacks_by_level(tested.attacks)} if tested.attacks else {}
    return Outcome(row, details, trained=TrainedModel(strategy))


_CLEAN = "clean"


@dataclass
class Tested:
    """Confusion matrices (K targets, K predictions) so far, by disturbance and level; "clean" has level 0.

    `unusable`: whether any score was. `attacks`: what attacks have told, by disturbance and level.
    """

    confusions: dict[tuple[str, float], Tensor] = field(default_factory=dict)
    attacks: Told = field(default_factory=dict)
    unusable: bool = False
    clock: Stopwatch = field(default_factory=Stopwatch)

    def words(self) -> str:
        """Which test was the last, in words."""
        if not self.confusions:
            return "before the tests"
        name, level = list(self.confusions)[-1]
        return f"after the test of {name} at level {level:g}"


def test_levels(
    strategy: Any,
    loss: Callable[[Tensor, Tensor], Tensor],
    task: RobustnessTask,
    tested: Tested,
    states: States,
    others: Callable[[], Mapping[str, torch.nn.Module]] = dict,
) -> dict[str, dict[float, Tensor]]:
    """The confusion matrices of all disturbances and levels, those in `tested` as they are.

    `others` gives other networks of the same data to attacks that use such.
    """
    scores = Scores(strategy)

    def inputs_of(segment: Segment) -> Inputs:
        name, level = segment
        if name == _CLEAN or not level:
            return task.tested.inputs
        if name not in ATTACKS:
            return task.disturbed(name, level)
        attacked = attacked_by(strategy, scores, loss, task, others, segment)
        with torch_draws(task.noise_seed, f"attack {name}", level):
            moved = ATTACKS[name].apply(attacked, level)
        if attacked.found:
            tested.attacks[segment] = attacked.found
        return moved

    for stream in _streams(task):
        if all(segment in tested.confusions for segment in stream):
            continue
        first, *later = stream
        with tested.clock, scores.asked():
            inputs = inputs_of(first)  # before the stream begins: attacks are made on the trained network
            with adapting(strategy.model, scores) as answering:
                found = {first: _answers(answering, strategy.eval_mb_size, task, first, inputs)}
                for segment in later:
                    inputs = inputs_of(segment)
                    found[segment] = _answers(answering, strategy.eval_mb_size, task, segment, inputs)
            for segment, answers in found.items():
                tested.unusable |= bool(divergence.unusable(answers).any())
                tested.confusions[segment] = _confusion(answers, task)
        if states.due or states.due_early:
            states.write()
    levels = {_CLEAN: (0.0,), **task.levels}
    return {
        name: {level: tested.confusions[_segment(task, name, level)] for level in some}
        for name, some in levels.items()
    }


def _streams(task: RobustnessTask) -> list[list[Segment]]:
    """The segments of each stream of test samples: the levels of a drift, or a single level."""
    streams = [[(_CLEAN, 0.0)]]
    for name, levels in task.levels.items():
        segments = [_segment(task, name, level) for level in levels]
        streams += [segments] if name in task.drifts else [[one] for one in segments]
    return list({tuple(one): one for one in streams}.values())  # level 0 of any disturbance is one stream


def _segment(task: RobustnessTask, name: str, level: float) -> Segment:
    """Where a level is tested: level 0 with the clean samples, unless it is part of a drift."""
    return (name, level) if level or name in task.drifts else (_CLEAN, 0.0)


def _answers(
    answering: Callable[[Tensor], Tensor], batch: int, task: RobustnessTask, segment: Segment, inputs: Inputs
) -> Tensor:
    """Scores (N, K) of all inputs, batch by batch in their order."""
    batches = torch.arange(len(inputs), device=inputs.device).split(batch)
    name, level = segment if segment[1] else (_CLEAN, 0.0)
    with torch.no_grad(), torch_draws(task.noise_seed, name, level):
        return torch.cat([answering(inputs[rows]) for rows in batches])


def _confusion(answers: Tensor, task: RobustnessTask) -> Tensor:
    """Counts (K targets, K predictions)."""
    outputs = task.learned.outputs
    pairs = torch.bincount(task.tested.targets * outputs + answers.argmax(1), minlength=outputs**2)
    return pairs.view(outputs, outputs).cpu()


def figures(
    task: RobustnessTask,
    confusions: dict[str, dict[float, Tensor]],
    attacks: Told,
) -> dict[str, Any]:
    """The columns computed from confusion matrices and from what attacks told, by disturbance and level."""
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
        **attack_columns(attacks),
    }

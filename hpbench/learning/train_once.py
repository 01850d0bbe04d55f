"""A strategy trained on one experience, or taken as an earlier run with the same training kept it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch

from hpbench.core.seeded_draws import seeded_draws
from hpbench.core.stopwatch import Stopwatch
from hpbench.core.stored_state import state_file, store, stored
from hpbench.data.places import learners_folder
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.prepared import Builder, prepared, watch
from hpbench.learning.scores import Scores
from hpbench.learning.strategy import checked, learner
from hpbench.learning.watch import LearningCurve, Point, Progress
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask


def place(resources: Resources, data_sha256: str) -> Path:
    """Where the state of all runs is kept that train alike on these data."""
    return state_file(learners_folder(), resources.training_key, data_sha256)


@dataclass(frozen=True)
class Trained:
    """A trained Avalanche strategy, its data, how it learned, and the seconds of that, now or earlier."""

    strategy: Any
    benchmark: Benchmark
    curve: LearningCurve
    seconds: float


def trained(
    builder: Builder, settings: Any, task: RobustnessTask, report: Callable[[Progress], None]
) -> Trained:
    """Train what the builder returns, or bring it into the state that was kept.

    A training that looked at tests is not taken for one under other settings of the test.
    """
    ready = prepared(builder, settings, task.learned, "robustness")
    strategy, benchmark = ready
    curve = LearningCurve(report, [1], strategy.train_epochs)
    at_test = _at_test(settings)
    kept = stored(task.kept, task.learned.device, anew=task.train_anew)
    if kept is not None and kept["judged_with"] in (None, at_test) and _restored(strategy, kept):
        curve.points = [Point(**point) for point in kept["points"]]
        curve.epochs = kept["epochs"]
        return Trained(strategy, benchmark, curve, kept["seconds"])
    watch(ready, task.learned, curve)
    clock = Stopwatch()
    with clock, _evaluations(learner(strategy)) as seen:
        strategy.train(benchmark.train, eval_streams=[])
    state = {
        "judged_with": at_test if seen else None,
        "state": learner(strategy).state_dict(),
        "points": [asdict(point) for point in curve.points],
        "epochs": curve.epochs,
        "seconds": clock.seconds,
    }
    if _is_whole(state, strategy, builder, settings, task):
        store(task.kept, state)
    return Trained(strategy, benchmark, curve, clock.seconds)


def _at_test(settings: Any) -> dict[str, Any]:
    """The settings of a strategy that matter at test alone, if its training does not look at tests."""
    return {
        one.name: getattr(settings, one.name) for one in fields(settings) if one.metadata.get("at_test_only")
    }


@contextmanager
def _evaluations(whole: torch.nn.Module) -> Iterator[list[str]]:
    """Fills a list, within this, if any part of a network answers as it does at test.

    Who selects a pass by validation, or takes class means of features, trains by such answers.
    """
    seen: list[str] = []

    def note(module: torch.nn.Module, _: Any) -> None:
        if not module.training and not seen:
            seen.append(type(module).__name__)

    hooks = [module.register_forward_pre_hook(note) for module in whole.modules()]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def _restored(strategy: Any, kept: dict[str, Any]) -> bool:
    """Whether the state fits the strategy, which then has it."""
    try:
        whole = learner(strategy).to(strategy.device)
        whole.load_state_dict(kept["state"])
    except (KeyError, RuntimeError):
        return False
    return True


def _is_whole(
    state: dict[str, Any], strategy: Any, builder: Builder, settings: Any, task: RobustnessTask
) -> bool:
    """Whether another strategy of this kind answers as the trained one does when it has its state.

    What keeps anything outside its model and its prototypes does not.
    """
    some = task.tested.inputs[torch.arange(min(strategy.eval_mb_size, len(task.tested.targets)))]
    with torch.random.fork_rng():
        other = checked(builder(settings, task.learned), settings)
        if not _restored(other, state):
            return False
        answers = []
        for one in (strategy, other):
            # An encoder may draw random spikes.
            with seeded_draws(torch=0), Scores(one).asked() as scores, torch.no_grad():
                answers.append(scores(some))
    return bool(torch.equal(*answers))

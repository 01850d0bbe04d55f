"""Training on one experience, whose result is stored and reused by later runs with the same training."""

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
from hpbench.learning.logs import Log
from hpbench.learning.prepared import Builder, prepared, watch
from hpbench.learning.scores import Scores
from hpbench.learning.strategy import checked, learner
from hpbench.learning.watch import LearningCurve, Point, Progress
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask


def place(resources: Resources, data_sha256: str) -> Path:
    """The file for the trained state of all runs with the same training on these data; it need not exist."""
    return state_file(learners_folder(), resources.training_key, data_sha256)


@dataclass(frozen=True)
class Trained:
    """A trained Avalanche strategy, its data, its learning curve and the seconds of training.

    For a state that was loaded, curve and seconds are those of its training.
    """

    strategy: Any
    benchmark: Benchmark
    curve: LearningCurve
    seconds: float


def trained(
    builder: Builder,
    settings: Any,
    task: RobustnessTask,
    report: Callable[[Progress], None],
    log: Log | None = None,
) -> Trained:
    """Train the strategy that the builder returns, or load the stored state of the same training.

    With a `log`, it is trained: there is nothing to log of a state that is loaded.

    A training that evaluated the network on the way (see `_evaluations`) depends on the settings used at
    test, too: its state is loaded only under the same ones.
    """
    ready = prepared(builder, settings, task.learned, "robustness")
    strategy, benchmark = ready
    curve = LearningCurve(report, [1], strategy.train_epochs)
    at_test = _at_test(settings)
    found = stored(task.kept, task.learned.device, anew=task.train_anew)
    if (
        found is not None
        and log is None
        and found["judged_with"] in (None, at_test)
        and _restored(strategy, found)
    ):
        curve.points = [Point(**point) for point in found["points"]]
        curve.epochs = found["epochs"]
        return Trained(strategy, benchmark, curve, found["seconds"])
    watch(ready, task.learned, curve)
    if log is not None:
        log.watch(strategy)
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
    """The settings of a strategy that act in evaluation mode only: `at_test_only`."""
    return {
        one.name: getattr(settings, one.name) for one in fields(settings) if one.metadata.get("at_test_only")
    }


@contextmanager
def _evaluations(whole: torch.nn.Module) -> Iterator[list[str]]:
    """A context with a list that is empty as long as no part of the network runs in evaluation mode.

    Selection by validation and class means of features do this in training; the list then has the type of the
    first such module.
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


def _restored(strategy: Any, state: dict[str, Any]) -> bool:
    """Load the state into the strategy; False if it does not fit."""
    try:
        whole = learner(strategy).to(strategy.device)
        whole.load_state_dict(state["state"])
    except (KeyError, RuntimeError):
        return False
    return True


def _is_whole(
    state: dict[str, Any], strategy: Any, builder: Builder, settings: Any, task: RobustnessTask
) -> bool:
    """Whether the state is complete: loaded into a new strategy, it gives the scores of the trained one.

    It is not for a strategy that holds something else than its model and its prototypes.
    """
    some = task.tested.inputs[torch.arange(min(strategy.eval_mb_size, len(task.tested.targets)))]
    with torch.random.fork_rng():
        other = checked(builder(settings, task.learned), settings)
        if not _restored(other, state):
            return False
        scored = []
        for one in (strategy, other):
            # An encoder may draw random spikes.
            with seeded_draws(torch=0), Scores(one).asked() as scores, torch.no_grad():
                scored.append(scores(some))
    return bool(torch.equal(*scored))

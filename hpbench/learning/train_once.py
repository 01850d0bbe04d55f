"""Training on one experience, whose result is stored and reused by later runs with the same training."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from torch.utils.hooks import RemovableHandle

from hpbench.core.seeded_draws import seeded_draws
from hpbench.core.stages import Stages
from hpbench.core.stopwatch import Stopwatch
from hpbench.core.stored_state import state_file, store, stored
from hpbench.data.places import learners_folder
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.logs import Log
from hpbench.learning.pauses import Pauses
from hpbench.learning.prepared import Builder, prepared, watch
from hpbench.learning.scores import Scores
from hpbench.learning.strategy import checked, learner
from hpbench.learning.watch import LearningCurve, Point, Progress
from hpbench.states.states import States
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask


def place(resources: Resources, data_sha256: str) -> Path:
    """The file for the trained state of all runs with the same training on these data; it need not exist."""
    return state_file(learners_folder(), resources.training_key, data_sha256)


class Evaluations:
    """Notes whether any part of a network runs in evaluation mode while it is trained.

    Selection by validation and class means of features do this; `seen` then has the type of the first such
    module, and is empty otherwise.
    """

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._hooks: list[RemovableHandle] = []

    def attach(self, whole: torch.nn.Module) -> None:
        """Begin, with these modules."""
        # A plain function: a copy of the model with a bound method would have a copy of this object.
        note = self._note()
        self._hooks = [module.register_forward_pre_hook(note) for module in whole.modules()]

    def detach(self) -> None:
        """End."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    def _note(self) -> Callable[[torch.nn.Module, Any], None]:
        def note(module: torch.nn.Module, _: Any) -> None:
            if not module.training and not self.seen:
                self.seen.append(type(module).__name__)

        return note


@dataclass
class Course:
    """How far a training has come: its clock, what was evaluated in it; `seconds` of it when it is `done`."""

    clock: Stopwatch = field(default_factory=Stopwatch)
    evaluations: Evaluations = field(default_factory=Evaluations)
    done: bool = False
    seconds: float = 0.0


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
    states: States | None = None,
    later: Mapping[str, Any] | None = None,
    where: Callable[[], str] = str,
    log: Log | None = None,
    stages: Stages | None = None,
) -> Trained:
    """Train the strategy that the builder returns, or load the stored state of the same training.

    With `states`, it goes on from where an earlier start of the run was killed; `later` are objects that
    belong to the run's state too, and `where` says where the run is after training. A training that evaluated
    the network on the way (see `Evaluations`) depends on the settings used at test, too: its stored state is
    loaded only under the same ones. With a `log`, it is trained: there is nothing to log of a stored state.
    `stages` gets the accuracies of passes on validation data, if the best pass is selected.
    """
    states, stages = states or States(), stages or Stages()
    ready = prepared(builder, settings, task.learned, "robustness")
    strategy, benchmark = ready
    curve = LearningCurve(report, [1], strategy.train_epochs)
    at_test = _at_test(settings)
    course = Course()
    pauses = Pauses(states)
    live = {
        "strategy": strategy,
        "curve": curve,
        "course": course,
        "pauses": pauses,
        "stages": stages,
        **(later or {}),
    }
    goes_on = states.take_up(
        {"task": task, "benchmark": benchmark},
        live,
        {"report": report, "states": states},
        lambda: where() if course.done else f"training, {pauses.words()}",
    )
    if not goes_on:
        found = stored(task.kept, task.learned.device, anew=task.train_anew)
        fits = found is not None and log is None and found["judged_with"] in (None, at_test)
        if found is not None and fits and _restored(strategy, found):
            curve.points = [Point(**point) for point in found["points"]]
            curve.epochs = found["epochs"]
            course.done, course.seconds = True, found["seconds"]
            return Trained(strategy, benchmark, curve, course.seconds)
        watch(ready, task.learned, pauses, curve, stages=stages)
        if log is not None:
            log.watch(strategy)
    if course.done:
        return Trained(strategy, benchmark, curve, course.seconds)
    with course.clock:
        if goes_on:
            pauses.go_on(strategy)
        else:
            course.evaluations.attach(learner(strategy))
            strategy.train(benchmark.train, eval_streams=[])
    course.evaluations.detach()
    state = {
        "judged_with": at_test if course.evaluations.seen else None,
        "state": learner(strategy).state_dict(),
        "points": [asdict(point) for point in curve.points],
        "epochs": curve.epochs,
        "seconds": course.clock.seconds,
    }
    if _is_whole(state, strategy, builder, settings, task):
        store(task.kept, state)
    course.done, course.seconds = True, course.clock.seconds
    if states.due_early:
        states.write()
    return Trained(strategy, benchmark, curve, course.seconds)


def _at_test(settings: Any) -> dict[str, Any]:
    """The settings of a strategy that act in evaluation mode only: `at_test_only`."""
    return {
        one.name: getattr(settings, one.name) for one in fields(settings) if one.metadata.get("at_test_only")
    }


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

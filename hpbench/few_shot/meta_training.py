"""The outer loop: Adam on the queries' cross-entropy in training episodes, with model selection on validation
episodes."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from hpbench.core.stages import Stages
from hpbench.few_shot.distortion import distorted
from hpbench.few_shot.episodes import Episodes, EpisodeSource, fixed_episodes
from hpbench.few_shot.learner import Learner
from hpbench.few_shot.settings import MetaTrainingSettings
from hpbench.few_shot.testing import accuracies, mean_over_episodes, predictions
from hpbench.spiking.fused.adam import Adam
from hpbench.states.states import States
from hpbench.tasks.few_shot import ClassSet, FewShotTask

VALIDATION_SEED = 2
"""Seed of validation episodes, the same for all runs, so that their validation accuracies can be compared."""

_SMOOTHED_OVER = 50
"""Number of steps over which the training loss is averaged at a validation."""


@dataclass(frozen=True)
class Validation:
    """Accuracy on the validation episodes after some steps of meta-training.

    `step`: steps done; `seconds` of training; `loss`: mean training loss of the last steps; `interval`: half
    width of the 95 % interval of `accuracy` over episodes.
    """

    step: int
    seconds: float
    loss: float | None
    accuracy: float
    interval: float


@dataclass(frozen=True)
class Progress:
    """Progress of meta-training."""

    step: int
    steps: int
    loss: float
    accuracy: float | None

    @property
    def share(self) -> float:
        """Share of the steps done, 0 to 1."""
        return self.step / self.steps

    def words(self, elapsed: float) -> str:
        """Text of a progress line; `elapsed` in seconds."""
        rate = f" {self.step / elapsed:,.1f} steps/s" if elapsed else ""
        seen = "" if self.accuracy is None else f" validation {self.accuracy:.1%}"
        return f"step {self.step}/{self.steps} loss {self.loss:.4f}{seen}{rate}"


@dataclass
class Training:
    """Log of meta-training: validations, steps done, the step of the selected state, seconds."""

    validations: list[Validation] = field(default_factory=list)
    steps: int = 0
    kept_step: int = 0
    seconds: float = 0.0
    diverged: str = ""
    """When the loss was first infinite or no number; empty if it never was."""

    @property
    def validation_accuracy(self) -> float | None:
        """Accuracy of the selected state."""
        return next((one.accuracy for one in self.validations if one.step == self.kept_step), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for records and stored learners, in which the validations are called `looks`."""
        plain = asdict(self)
        return {"looks": plain.pop("validations"), **plain}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Training":
        """The log that `as_dict` gave. Raises KeyError or TypeError for anything else."""
        others = {name: value for name, value in plain.items() if name != "looks"}
        return cls([Validation(**one) for one in plain["looks"]], **others)


@dataclass
class Course:
    """How far a meta-training has come.

    `optimizer`, `schedule`; the log; the best validation accuracy, the learner's state there, and the number
    of validations since; the losses so far; whether it is `done`.
    """

    optimizer: torch.optim.Optimizer | None = None
    schedule: torch.optim.lr_scheduler.LRScheduler | None = None
    training: Training = field(default_factory=Training)
    best: float = -1.0
    kept: dict[str, Tensor] = field(default_factory=dict)
    waited: int = 0
    losses: list[float] = field(default_factory=list)
    done: bool = False

    def words(self, steps: int) -> str:
        """How far, in words."""
        return (
            "before the test" if self.done else f"meta-training, after step {self.training.steps} of {steps}"
        )


def meta_train(
    learner: Learner,
    settings: MetaTrainingSettings,
    task: FewShotTask,
    report: Callable[[Progress], None],
    states: States | None = None,
    stages: Stages | None = None,
) -> Training:
    """Meta-train the learner in place, and leave it in the state that was best on validation episodes.

    With `states`, it goes on from where an earlier start of the run was killed. `stages` gets the best
    accuracy so far after each validation. Raises InputError if episodes of the shapes in the settings cannot
    be drawn; PrunedError if `stages` does.
    """
    states, stages = states or States(), stages or Stages()
    validation = fixed_episodes(
        task.validation, settings.validated, settings.validation_episodes, VALIDATION_SEED, "validation"
    )
    source = EpisodeSource(task.train, settings.trained, "training")
    course = Course()
    if settings.meta_steps == 0 or not any(one.requires_grad for one in learner.parameters()):
        training = course.training
        training.validations.append(_validated(learner, training, None, task.validation, validation))
        return training
    goes_on = states.take_up(
        {"task": task},
        {"learner": learner, "course": course, "stages": stages},
        {},
        lambda: course.words(settings.meta_steps),
    )
    if not goes_on:
        course.optimizer, course.schedule = _optimizer(learner, settings)
        course.kept = _state(learner)
        learner.train()
    while not course.done:
        _step(learner, settings, task, source, course)
        step = course.training.steps
        validates = step % settings.validate_every == 0 or step == settings.meta_steps
        if validates:
            _validate(learner, task, validation, course)
            stages.add(course.best)
        best = course.best if course.best >= 0 else None
        report(Progress(step, settings.meta_steps, course.losses[-1], best))
        if step == settings.meta_steps or (settings.patience and course.waited >= settings.patience):
            learner.load_state_dict(course.kept)
            course.done = True
        if states.due or (validates and states.due_early):
            states.write()
    return course.training


def _step(
    learner: Learner, settings: MetaTrainingSettings, task: FewShotTask, source: EpisodeSource, course: Course
) -> None:
    """One step of the outer loop."""
    training = course.training
    assert course.optimizer is not None and course.schedule is not None
    start = time.perf_counter()
    episodes = source.draw(settings.meta_batch).to(task.device)
    course.losses.append(meta_step(learner, course.optimizer, task.train, episodes, settings.distortion))
    course.schedule.step()
    training.steps += 1
    if not (training.diverged or math.isfinite(course.losses[-1])):
        training.diverged = f"loss in step {training.steps}"
    training.seconds += time.perf_counter() - start


def _validate(learner: Learner, task: FewShotTask, validation: Episodes, course: Course) -> None:
    """Validate the learner, and keep its state if it is the best so far."""
    training = course.training
    recent = course.losses[-_SMOOTHED_OVER:]
    loss = None if training.diverged else sum(recent) / len(recent)
    found = _validated(learner, training, loss, task.validation, validation)
    training.validations.append(found)
    course.waited += 1
    if found.accuracy > course.best:
        course.best, course.waited, training.kept_step = found.accuracy, 0, training.steps
        course.kept = _state(learner)


def _optimizer(
    learner: Learner, settings: MetaTrainingSettings
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    theta = {id(one) for one in learner.theta()}
    learning = [one for one in learner.parameters() if one.requires_grad]
    groups = [
        {"params": [one for one in learning if id(one) not in theta], "lr": settings.lr},
        {
            "params": [one for one in learning if id(one) in theta],
            "lr": getattr(settings, "theta_lr", settings.lr),
        },
    ]
    groups = [group for group in groups if group["params"]]
    optimizer = Adam(groups)
    rising = max(1, round(settings.warm_up * settings.meta_steps))
    falling = max(1, settings.meta_steps - rising)

    def factor(step: int) -> float:
        if step < rising:
            return (step + 1) / rising
        return 0.5 * (1 + math.cos(math.pi * (step - rising) / falling))

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


def meta_step(
    learner: Learner,
    optimizer: torch.optim.Optimizer,
    classes: ClassSet,
    episodes: Episodes,
    distortion: float,
) -> float:
    """One step of the outer loop; returns the queries' cross-entropy before it."""
    support = distorted(classes.at(episodes.support), distortion)
    query = distorted(classes.at(episodes.query), distortion)
    scores = learner(support, episodes.support_labels, query, episodes.ways)
    loss = cross_entropy(scores.flatten(0, 1), episodes.query_labels.repeat(len(episodes)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def _validated(
    learner: Learner, training: Training, loss: float | None, classes: ClassSet, episodes: Episodes
) -> Validation:
    mean = mean_over_episodes(accuracies(predictions(learner, classes, episodes), episodes))
    return Validation(training.steps, training.seconds, loss, mean.value, mean.interval)


def _state(learner: Learner) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in learner.state_dict().items()}

"""Event recordings as a task of the robustness protocol."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hpbench.core.acting import no_effect
from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.data.events.order import mixed
from hpbench.data.events.source import EventData
from hpbench.data.holdout import stratified_holdout
from hpbench.disturb.events.disturbances import EVENT_DISTURBANCES, RECORDED, DisturbedBy
from hpbench.disturb.events.noise import load_noise
from hpbench.frames.representation import RepresentationSettings
from hpbench.spiking.choices import FRAMES
from hpbench.streams.disturbed_settings import RobustnessSettings, levels_of
from hpbench.tasks.continual import Inputs
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask


@dataclass
class EventRobustnessSettings(RobustnessSettings, RepresentationSettings):
    """Representation and disturbances of recordings."""

    disturbances: list[str] = setting(
        ["background_activity"],
        "disturbances of the tested recordings; the board ranks by the first",
        choices=tuple(EVENT_DISTURBANCES),
        at_test_only=True,
    )
    folds: int = setting(
        0,
        "cross-validation over training and test part together: the run with seed s is tested on fold s mod "
        "folds; 0: the published training and test part",
        low=0,
    )

    encoding: ClassVar[str] = FRAMES

    def check(self) -> None:
        """Raise InputError for disturbances, levels, parts or a representation that exclude each other."""
        RobustnessSettings.check(self)
        RepresentationSettings.check(self)
        levels_of(self.disturbances, self.levels, EVENT_DISTURBANCES)
        if self.noise_seed and self.disturbances == ["cropped_field"]:
            needs = "a random disturbance"
            raise InputError(no_effect("scenario.noise_seed", self.noise_seed, needs))
        if self.folds == 1:
            raise InputError("scenario.folds=1 leaves no training data: set 2 or more, or 0 for no folds")


def check_other_test(settings: EventRobustnessSettings) -> None:
    """Raise InputError for folds or evaluation on the validation part if another set is tested on."""
    if settings.folds or settings.evaluate_on != "test":
        asked = "scenario.folds" if settings.folds else "scenario.evaluate_on=validation"
        raise InputError(f"{asked} and another set to test on exclude each other: use one")


def event_task(
    data: EventData,
    settings: EventRobustnessSettings,
    resources: Resources,
    tested_on: EventData | None = None,
) -> RobustnessTask:
    """A task with all classes in one experience, and disturbances of the tested recordings.

    Inputs are frames (N, T, P, H, W), made dense batch by batch. The test part of `tested_on` replaces the
    data's own. Tested recordings are in a fixed random order. Raises InputError for folds, or evaluation on
    the validation part, together with `tested_on`; for more folds than a class has recordings; for more
    tested recordings than there are; and if recorded noise is needed and missing.
    """
    from hpbench.learning.train_once import place
    from hpbench.streams.event_pool import EventPool

    on_test = settings.evaluate_on == "test"
    if tested_on is not None:
        check_other_test(settings)
    levels = levels_of(settings.disturbances, settings.levels, EVENT_DISTURBANCES)
    if RECORDED in levels:
        load_noise(resources.data_root)
    if settings.folds:
        labels = np.concatenate([data.train.labels, data.test.labels])
        train_rows, test_rows = _fold(labels, settings.folds, resources.seed % settings.folds)
        to_learn = to_test = EventPool([data.train, data.test], settings, resources)
    else:
        to_learn = EventPool([data.train], settings, resources)
        to_test = EventPool([(tested_on or data).test], settings, resources)
        train_rows, test_rows = np.arange(len(to_learn.labels)), np.arange(len(to_test.labels))
    kept, held_out = (
        train_rows[rows]
        for rows in stratified_holdout(to_learn.labels[train_rows], settings.validation_share)
    )
    held_out, test_rows = mixed(held_out), mixed(test_rows)
    name, fingerprint = data.name, data.sha256
    if tested_on is not None:
        name = f"{data.name}_to_{tested_on.name}"
        fingerprint = hashlib.sha256(f"{data.train.sha256} {tested_on.test.sha256}".encode()).hexdigest()
    learned = settings.task(
        resources.device,
        dataset=name,
        dataset_sha256=fingerprint,
        regime=settings.regime,
        train=[to_learn.part(kept)],
        validation=[to_learn.part(held_out)],
        test=[to_test.part(test_rows)],
        outputs=data.classes,
        encoding=settings.encoding,
        time_steps=settings.time_steps,
        max_rate=0.0,
    )
    pool, rows = (to_test, test_rows) if on_test else (to_learn, held_out)
    rows = rows[settings.tested_rows(pool.labels[rows], "recordings")]

    def disturbed(name: str, level: float) -> Inputs:
        by = DisturbedBy(name, level, settings.noise_seed, resources.data_root)
        return pool.disturbed(rows, by)

    return RobustnessTask(
        learned=learned,
        tested=pool.part(rows),
        levels=levels,
        disturbed=disturbed,
        noise_seed=settings.noise_seed,
        order=settings.test_order,
        kept=place(resources, data.sha256),
        train_anew=resources.train_anew,
        skipped=data.skipped + (tested_on.skipped if tested_on else 0),
    )


def _fold(labels: NDArray[np.int64], folds: int, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows to train on and rows of the fold, both sorted; folds are stratified by class."""
    classes, recordings = np.unique(labels, return_counts=True)
    if recordings.min() < folds:
        raise InputError(
            f"scenario.folds={folds}: class {classes[recordings.argmin()]} has only {recordings.min()} "
            f"recordings in training and test part; set at most {recordings.min()} folds"
        )
    random = np.random.RandomState(0)  # unlike default_rng, the same in all versions of NumPy
    fold = np.zeros(len(labels), dtype=np.int64)
    for label in classes:
        members = random.permutation(np.flatnonzero(labels == label))
        fold[members] = np.arange(len(members)) % folds
    return np.flatnonzero(fold != number), np.flatnonzero(fold == number)

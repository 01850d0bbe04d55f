"""Sequences of values as streams by class, and as tasks of the robustness protocol."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hpbench.core.acting import Needed
from hpbench.core.settings import setting
from hpbench.data.holdout import stratified_holdout
from hpbench.data.labels import classes_of
from hpbench.data.sequences.sequence_data import SequenceData, Sequences, Values, ended, held
from hpbench.disturb.images import IMAGE_DISTURBANCES
from hpbench.disturb.seeded import level_generator
from hpbench.learning.settings import ClassOrderSettings, CodedInputs
from hpbench.spiking.choices import FRAMES
from hpbench.spiking.codes.delta import DeltaSettings
from hpbench.streams.disturbed_settings import RobustnessSettings, levels_of
from hpbench.streams.split import Labelled, cut
from hpbench.streams.spoken import SPOKEN_PRESET
from hpbench.tasks.continual import ContinualTask, Part
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

if TYPE_CHECKING:
    from torch import Tensor

SEQUENCE_PRESET = SPOKEN_PRESET
"""For sequences, for strategies with these settings: as for spoken words."""

_DISTURBANCES = {
    name: IMAGE_DISTURBANCES[name] for name in ("gaussian", "speckle", "salt", "pepper", "salt_and_pepper")
}
"""Those of image disturbances that need no neighbouring pixels; a value of a frame is a pixel."""


@dataclass
class SequenceSettings(DeltaSettings, CodedInputs):
    """How sequences are shown."""

    encoding: str = setting(
        "delta",
        "delta: ON and OFF spikes where a value changes; frames: the values as currents, as direct encoding "
        "is for images",
        choices=("delta", FRAMES),
        acts_with={"strategy.spiking": Needed("a spiking network", bool)},
        elsewhere={"direct": "values that change are shown as currents by scenario.encoding=frames"},
    )
    time_steps: int = setting(
        58,
        "time steps T of the longest sequence; every frame is held for as many steps, and a shorter sequence "
        "is followed by zeros",
        unit="ms",
        low=1,
        high=10_000,
    )


@dataclass
class SequenceStreamSettings(ClassOrderSettings, SequenceSettings):
    """A stream of sequences divided by class."""


@dataclass
class SequenceRobustnessSettings(RobustnessSettings, SequenceSettings):
    """Disturbances of sequences."""

    disturbances: list[str] = setting(
        ["gaussian"],
        "disturbances of the tested sequences' values, before they are encoded; the board ranks by the first",
        choices=tuple(_DISTURBANCES),
        at_test_only=True,
    )

    def check(self) -> None:
        """Raise InputError for disturbances, levels or parts that exclude each other."""
        super().check()
        levels_of(self.disturbances, self.levels, _DISTURBANCES)


def split_sequences(
    data: SequenceData, experiences: int, settings: SequenceStreamSettings, resources: Resources
) -> ContinualTask:
    """Experiences as `cut` makes them; inputs are sequences (N, T, C)."""

    def part(of: Sequences) -> Labelled:
        return Labelled(_inputs(of.values, settings, resources), of.labels)

    return cut(
        part(data.train),
        part(data.test),
        experiences,
        settings,
        resources.device,
        dataset=data.name,
        dataset_sha256=data.sha256,
        **settings.encoded,
    )


def sequence_task(
    data: SequenceData, settings: SequenceRobustnessSettings, resources: Resources
) -> RobustnessTask:
    """A task with all classes in one experience, and disturbances of the tested sequences.

    Inputs are (N, T, C). Frames are disturbed before they are held for several steps, and steps after a
    sequence's end stay 0. Raises InputError for more tested samples than there are.
    """
    import torch

    from hpbench.learning.train_once import place

    kept, held_out = stratified_holdout(data.train.labels, settings.validation_share)

    def part(of: Sequences, rows: NDArray[np.int64]) -> Part:
        labels = torch.from_numpy(of.labels[rows]).to(resources.device)
        return Part(_inputs(of.values[rows], settings, resources), labels)

    every = np.arange(len(data.test.labels))
    learned = settings.task(
        resources.device,
        **settings.encoded,
        dataset=data.name,
        dataset_sha256=data.sha256,
        regime=settings.regime,
        train=[part(data.train, kept)],
        validation=[part(data.train, held_out)],
        test=[part(data.test, every)],
        outputs=classes_of(data.train.labels, data.test.labels),
    )
    tested, rows = (data.test, every) if settings.evaluate_on == "test" else (data.train, held_out)
    rows = rows[settings.tested_rows(tested.labels[rows], "samples")]

    def disturbed(name: str, level: float) -> "Tensor":
        random = level_generator(settings.noise_seed, name, level)
        # All sequences, so that the noise of one does not depend on how many are tested.
        values = ended(_DISTURBANCES[name].apply(tested.values, level, random), tested.lengths)
        return _inputs(values[rows], settings, resources)

    return RobustnessTask(
        learned=learned,
        tested=part(tested, rows),
        levels=levels_of(settings.disturbances, settings.levels, _DISTURBANCES),
        disturbed=disturbed,
        noise_seed=settings.noise_seed,
        order=settings.test_order,
        kept=place(resources, data.sha256),
        train_anew=resources.train_anew,
    )


def _inputs(values: Values, settings: SequenceSettings, resources: Resources) -> "Tensor":
    """(N, T, C) on the device."""
    import torch

    return torch.from_numpy(held(values, settings.time_steps)).to(resources.device)

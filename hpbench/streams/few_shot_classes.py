"""A stream of few-shot class-incremental learning: a base set, then N new classes with K samples each."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hpbench.core.acting import SET
from hpbench.core.errors import InputError
from hpbench.core.settings import setting, with_default
from hpbench.data.characters.characters import Characters
from hpbench.learning.settings import EncodingSettings, LearningSettings
from hpbench.tasks.continual import ContinualTask, Part
from hpbench.tasks.resources import Resources


@dataclass
class FewShotClassesSettings(LearningSettings, EncodingSettings):
    """Sizes of the base set and of the increments; the defaults are NeuroBench's, except for `queries`."""

    base_classes: int = setting(100, "classes of the base set", unit="classes", low=1)
    increments: int = setting(10, "increments after the base set, each from another alphabet", low=0)
    ways: int = setting(
        10, "N, new classes per increment", unit="classes", low=1, acts_with={"increments": SET}
    )
    shots: int = setting(
        5, "K, training samples of a new class", unit="samples", low=1, acts_with={"increments": SET}
    )
    queries: int = setting(5, "test samples of every class, as many for validation", unit="samples", low=1)
    order_seed: int = setting(
        -1, "seed of alphabets, characters and drawers; -1 keeps their order by name", low=-1, high=2**32 - 1
    )
    passes: int = with_default(LearningSettings, "passes", 20)

    regime: ClassVar[str] = "class"

    @property
    def classes(self) -> int:
        """Number of all classes at the end of the stream."""
        return self.base_classes + self.increments * self.ways

    @property
    def experiences(self) -> int:
        """Number of experiences: the base set and the increments."""
        return 1 + self.increments


def choose_sessions(data: Characters, settings: FewShotClassesSettings) -> list[NDArray[np.int64]]:
    """Classes of each session (the base set or an increment).

    The base set takes one background alphabet after another, each increment N characters of an evaluation
    alphabet that has as many. Raises InputError if there are too few alphabets or characters.
    """
    random = np.random.RandomState(settings.order_seed) if settings.order_seed >= 0 else None

    def alphabets(background: bool) -> list[NDArray[np.int64]]:
        names = np.unique(data.alphabets[data.background == background])
        members = [
            np.flatnonzero((data.alphabets == name) & (data.background == background)) for name in names
        ]
        if random is not None:
            members = [random.permutation(members[one]) for one in random.permutation(len(members))]
        return members

    base, rest = np.concatenate(alphabets(True)), alphabets(False)
    if len(base) < settings.base_classes:
        raise InputError(
            f"scenario.base_classes={settings.base_classes}: {data.name} has {len(base)} characters in its "
            "background alphabets"
        )
    large = [one[: settings.ways] for one in rest if len(one) >= settings.ways]
    if len(large) < settings.increments:
        raise InputError(
            f"scenario.increments={settings.increments}: {data.name} has {len(large)} alphabets with "
            f"scenario.ways={settings.ways} characters or more"
        )
    return [base[: settings.base_classes], *large[: settings.increments]]


def few_shot_classes(
    data: Characters, settings: FewShotClassesSettings, resources: Resources
) -> ContinualTask:
    """Sessions of new classes whose targets are numbered over the whole stream (class regime).

    Of each character's D drawings, `queries` are for test, as many for validation; of the others, a base
    class trains on all, a new class on K. All queries have equal weight, so that a session's figure is the
    accuracy over all classes so far. Raises InputError if there are too few drawings.
    """
    import torch

    drawers = data.images.shape[1]
    training = drawers - 2 * settings.queries
    if training < settings.shots:
        raise InputError(
            f"scenario.shots={settings.shots} and scenario.queries={settings.queries} need "
            f"{settings.shots + 2 * settings.queries} drawings of each character, {data.name} has {drawers}"
        )
    order = np.arange(drawers)
    if settings.order_seed >= 0:
        order = np.random.RandomState(settings.order_seed).permutation(drawers)
    sessions = choose_sessions(data, settings)
    firsts = np.cumsum([0, *map(len, sessions)])

    def part(session: int, chosen: NDArray[np.int64]) -> Part:
        images = data.images[np.ix_(sessions[session], chosen)]
        inputs = torch.tensor(images).to(resources.device, torch.float32).flatten(2).flatten(0, 1) / 255
        classes = torch.arange(firsts[session], firsts[session + 1], device=resources.device)
        return Part(inputs, classes.repeat_interleave(len(chosen)))

    def parts(first: int, last: int) -> list[Part]:
        return [part(session, order[first:last]) for session in range(len(sessions))]

    return settings.task(
        resources.device,
        **settings.encoded,
        dataset=data.name,
        dataset_sha256=data.sha256,
        regime=settings.regime,
        train=[
            part(session, order[: settings.shots if session else training])
            for session in range(len(sessions))
        ],
        validation=parts(training, training + settings.queries),
        test=parts(training + settings.queries, drawers),
        outputs=int(firsts[-1]),
        pooled=True,
    )

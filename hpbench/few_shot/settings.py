"""Settings shared by few-shot strategies and few-shot scenarios."""

from dataclasses import dataclass

from hpbench.core.acting import SET, Needed
from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.data.characters.splits import SPLITS
from hpbench.tasks.few_shot import Shape


@dataclass
class EpisodeSettings:
    """What is tested; learners that were meta-trained alike are tested on all of it without new training."""

    n_way: int = setting(5, "classes of a test episode, N", unit="classes", low=2, at_test_only=True)
    k_shot: int = setting(1, "support samples of each, K", unit="samples", low=1, at_test_only=True)
    queries: int = setting(10, "query samples of each", unit="samples", low=1, at_test_only=True)
    episodes: int = setting(1000, "test episodes", unit="episodes", low=600, at_test_only=True)
    episode_seed: int = setting(
        1,
        "seed that test episodes are drawn with, the same for every strategy",
        low=0,
        high=2**32 - 1,
        at_test_only=True,
    )
    evaluate_on: str = setting(
        "test",
        "classes that the figures are measured on (validation: for tuning)",
        choices=("test", "validation"),
        at_test_only=True,
    )
    split: str = setting(
        "characters",
        "classes by character, 1,100/100/423 of Omniglot's, or by alphabet (background, evaluation)",
        choices=SPLITS,
    )
    rotations: bool = setting(
        True,
        "in meta-training, characters turned by 90°, 180°, 270° are classes too",
        acts_with={"strategy.meta_steps": Needed("meta-training", bool)},
    )

    @property
    def tested(self) -> Shape:
        """The shape of test episodes."""
        return Shape(self.n_way, self.k_shot, self.queries)


_TRAINED = {"meta_steps": SET}


@dataclass
class MetaTrainingSettings:
    """How a learner is meta-trained, and which of its states is kept."""

    meta_steps: int = setting(
        6000, "steps of the outer loop; 0: nothing is meta-learned", unit="steps", low=0
    )
    meta_batch: int = setting(1, "episodes in a step", unit="episodes", low=1, acts_with=_TRAINED)
    train_ways: int = setting(60, "classes of a training episode", unit="classes", low=2, acts_with=_TRAINED)
    train_shots: int = setting(1, "support samples of each", unit="samples", low=1, acts_with=_TRAINED)
    train_queries: int = setting(5, "query samples of each", unit="samples", low=1, acts_with=_TRAINED)
    distortion: float = setting(
        1.0,
        "size of random turns, shears, scalings and shifts of training images: 1 is up to 0.2 rad, 0.2, 15 % "
        "and 2 of 28 pixels, 0 none",
        low=0,
        high=3,
        acts_with=_TRAINED,
    )
    lr: float = setting(1e-2, "Adam's largest step for weights", low=0, acts_with=_TRAINED)
    warm_up: float = setting(
        0.05,
        "share of the steps in which the rate rises; it falls to 0 by a cosine after",
        low=0,
        high=1,
        acts_with=_TRAINED,
    )
    validate_every: int = setting(
        250, "steps between two looks at validation episodes", unit="steps", low=1, acts_with=_TRAINED
    )
    validation_ways: int = setting(20, "classes of a validation episode", unit="classes", low=2)
    validation_shots: int = setting(1, "support samples of each", unit="samples", low=1)
    validation_queries: int = setting(10, "query samples of each", unit="samples", low=1)
    validation_episodes: int = setting(200, "validation episodes, the same at every look", low=2)
    patience: int = setting(
        0,
        "stop after so many looks without a better one (0: never)",
        unit="looks",
        low=0,
        acts_with=_TRAINED,
    )

    @property
    def trained(self) -> Shape:
        """The shape of training episodes."""
        return Shape(self.train_ways, self.train_shots, self.train_queries)

    @property
    def validated(self) -> Shape:
        """The shape of validation episodes."""
        return Shape(self.validation_ways, self.validation_shots, self.validation_queries)


@dataclass
class OutputSettings(MetaTrainingSettings):
    """A learner with an output layer."""

    outputs: int = setting(64, "outputs: the most ways that an episode may have", unit="neurons", low=2)

    def check(self) -> None:
        """Raise InputError if training or validation needs more outputs than there are."""
        for name in ("train_ways", "validation_ways"):
            if getattr(self, name) > self.outputs:
                raise InputError(
                    f"strategy.{name}={getattr(self, name)} needs as many outputs: raise strategy.outputs="
                    f"{self.outputs}"
                )

    def skip(self, stream: Stream) -> str:
        """Why episodes of the tested shape cannot be answered; empty if they can."""
        return too_many_ways(stream.ways, self.outputs)


def too_many_ways(ways: int | None, outputs: int) -> str:
    """Why an output layer has too few outputs for an episode; empty if it has enough."""
    if ways is None or ways <= outputs:
        return ""
    return f"{ways} ways need as many outputs, there are {outputs}: raise strategy.outputs"

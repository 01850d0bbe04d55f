"""Settings of few-shot strategies and few-shot scenarios."""

from dataclasses import dataclass

from hpbench.core.acting import SET, Needed
from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.data.characters.splits import SPLITS
from hpbench.tasks.few_shot import Shape


@dataclass
class EpisodeSettings:
    """Test episodes; one meta-trained learner can be tested on all of these settings."""

    n_way: int = setting(5, "classes of a test episode, N", unit="classes", low=2, at_test_only=True)
    k_shot: int = setting(1, "support samples of each class, K", unit="samples", low=1, at_test_only=True)
    queries: int = setting(10, "query samples of each class", unit="samples", low=1, at_test_only=True)
    episodes: int = setting(1000, "number of test episodes", unit="episodes", low=600, at_test_only=True)
    episode_seed: int = setting(
        1,
        "seed of the test episodes, which are the same for every strategy",
        low=0,
        high=2**32 - 1,
        at_test_only=True,
    )
    evaluate_on: str = setting(
        "test",
        "classes that metrics are measured on (validation: for tuning)",
        choices=("test", "validation"),
        at_test_only=True,
    )
    split: str = setting(
        "characters",
        "split of classes: by character (Omniglot: 1,100/100/423), or by alphabet (background, evaluation)",
        choices=SPLITS,
    )
    within: str = setting(
        "all",
        "a test episode's classes are of all alphabets of the part, or of one drawn for it (alphabet)",
        choices=("all", "alphabet"),
        at_test_only=True,
    )
    rotations: bool = setting(
        True,
        "use characters rotated by 90°, 180°, 270° as further classes in meta-training",
        acts_with={"strategy.meta_steps": Needed("meta-training", bool)},
    )

    @property
    def tested(self) -> Shape:
        """The shape of test episodes."""
        return Shape(self.n_way, self.k_shot, self.queries, self.within == "alphabet")


_TRAINED = {"meta_steps": SET}


@dataclass
class MetaTrainingSettings:
    """Meta-training, and model selection on validation episodes."""

    meta_steps: int = setting(
        6000, "number of steps of the outer loop; 0: no meta-training", unit="steps", low=0
    )
    meta_batch: int = setting(1, "episodes per step", unit="episodes", low=1, acts_with=_TRAINED)
    train_ways: int = setting(60, "classes of a training episode", unit="classes", low=2, acts_with=_TRAINED)
    train_shots: int = setting(1, "support samples of each class", unit="samples", low=1, acts_with=_TRAINED)
    train_queries: int = setting(5, "query samples of each class", unit="samples", low=1, acts_with=_TRAINED)
    distortion: float = setting(
        1.0,
        "size of random rotations, shears, scalings and shifts of training images: 1 is up to 0.2 rad, 0.2, "
        "15 % and 2 of 28 pixels, 0 none",
        low=0,
        high=3,
        acts_with=_TRAINED,
    )
    lr: float = setting(1e-2, "Adam's maximum learning rate for weights", low=0, high=10, acts_with=_TRAINED)
    warm_up: float = setting(
        0.05,
        "share of the steps with rising learning rate; a cosine decay to 0 follows",
        low=0,
        high=1,
        acts_with=_TRAINED,
    )
    validate_every: int = setting(
        250, "steps between two validations", unit="steps", low=1, acts_with=_TRAINED
    )
    validation_ways: int = setting(20, "classes of a validation episode", unit="classes", low=2)
    validation_shots: int = setting(1, "support samples of each class", unit="samples", low=1)
    validation_queries: int = setting(10, "query samples of each class", unit="samples", low=1)
    validation_episodes: int = setting(
        200, "number of validation episodes, the same at every validation", low=2
    )
    patience: int = setting(
        0,
        "stop after this many validations without improvement (0: never)",
        unit="validations",
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

    outputs: int = setting(64, "number of outputs: the maximum number of ways", unit="neurons", low=2)

    def check(self) -> None:
        """Raise InputError if training or validation needs more outputs than there are."""
        for name in ("train_ways", "validation_ways"):
            if getattr(self, name) > self.outputs:
                raise InputError(
                    f"strategy.{name}={getattr(self, name)} needs as many outputs: raise strategy.outputs="
                    f"{self.outputs}"
                )

    def skip(self, stream: Stream) -> str:
        """Why the strategy cannot be tested on the scenario's episodes; empty if it can."""
        return too_many_ways(stream.ways, self.outputs)


@dataclass
class InnerStepSettings:
    """Gradient steps within an episode."""

    inner_steps: int = setting(5, "number of gradient steps on the support (Eq. 10)", unit="steps", low=0)
    inner_lr: float = setting(
        0.5,
        "learning rate of these steps",
        unit="learning rate",
        low=0,
        high=100,
        acts_with={"inner_steps": SET},
    )
    first_order: bool = setting(
        False,
        "omit second derivatives from the outer gradient (first-order MAML)",
        acts_with={"inner_steps": SET, "meta_steps": SET},
    )


@dataclass
class BindingSettings:
    """The output layer that binds labels; current and membrane decay as in the authors' code.

    Their trace decays by 0.99 per sample, 0.95 over 5-way 1-shot. Over hundreds of samples the first would be
    forgotten, so the default here is no decay.
    """

    binding_current: float = setting(
        10.0, "current c at the output of a sample's label", unit="membrane units", low=0
    )
    at_once: bool = setting(
        False,
        "bind all samples of the support at once: none sees what others have stored, so that their order has "
        "no effect",
    )
    output_decay: float = setting(
        0.2,
        "share k of the outputs' membrane left after a sample",
        low=0,
        high=1,
        acts_with={"at_once": False},
    )
    trace_decay: float = setting(
        1.0, "share λ of the trace left after a sample", low=0, high=1, acts_with={"at_once": False}
    )
    alpha: float = setting(0.01, "maximum initial α, the share of W in the output", low=0, high=1)
    rate: float = setting(1.0, "initial local learning rate η")
    sharpness: float = setting(10.0, "initial factor of the scores", low=0)


def too_many_ways(ways: int | None, outputs: int) -> str:
    """Why an output layer is too small for an episode; empty if it is not."""
    if ways is None or ways <= outputs:
        return ""
    return f"{ways} ways need as many outputs, there are {outputs}: raise strategy.outputs"

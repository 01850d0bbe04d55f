"""Settings of strategies and scenarios that train on streams: of the continual and robustness protocols."""

from dataclasses import dataclass
from typing import Any

from hpbench.core.acting import SET, Needed
from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.prototypes.settings import PrototypeSettings
from hpbench.learning.reasons import falls_within_an_arrival, no_gradient, widened, wrong_arrival
from hpbench.networks.settings import JointNetworkSettings, NetworkSettings
from hpbench.spiking.choices import ENCODINGS
from hpbench.spiking.codes.burst import BurstSettings
from hpbench.spiking.codes.phase import PhaseSettings
from hpbench.spiking.codes.population import PopulationSettings
from hpbench.spiking.codes.rate import RateSettings
from hpbench.spiking.codes.table import settings_of_code
from hpbench.tasks.continual import ContinualTask


@dataclass
class GradientSettings:
    """How a continual strategy trains a network."""

    lr: float = setting(1e-3, "Adam's learning rate for weights and biases", low=0, high=10)
    batch: int = setting(100, "samples per batch, in training and at test", unit="samples", low=1)
    loss: str = setting(
        "mse",
        "squared error to one-hot targets, as mean over outputs (mse, HP authors) or sum (squared_error, "
        "Eq. 17), or cross-entropy",
        choices=("mse", "squared_error", "cross_entropy"),
    )
    adversarial_epsilon: float = setting(
        0.0,
        "ε of the FGSM attack on every training batch (adversarial training); 0: none",
        unit="of the range of a pixel",
        low=0,
        high=1,
    )

    def skip(self, stream: Stream) -> str:
        """Why a strategy with these settings cannot be run on the stream; empty if it can."""
        following = getattr(super(), "skip", None)
        return (
            wrong_arrival(stream, self.batch)
            or no_gradient(stream, self.adversarial_epsilon)
            or widened(stream, getattr(self, "kernels", ()))
            or (following(stream) if following is not None else "")
        )


@dataclass
class TrainingSettings(GradientSettings, PrototypeSettings):
    """How a strategy trains a network, optionally with Hebbian prototypes."""

    lr_schedule: str = setting(
        "constant",
        "learning rates stay as they are (constant), or fall to 0 along a cosine over the passes of each "
        "experience (cosine)",
        choices=("constant", "cosine"),
        acts_with={"lr": SET},
    )

    def skip(self, stream: Stream) -> str:
        """Why a strategy with these settings cannot be run on the stream; empty if it can."""
        return falls_within_an_arrival(stream, self.lr_schedule) or super().skip(stream)


@dataclass
class NetworkTrainingSettings(GradientSettings, NetworkSettings):
    """Training of a network by name, for rules that cannot be combined with prototypes."""


@dataclass
class StatisticsSettings(GradientSettings, JointNetworkSettings):
    """Training of a network whose features are used by a classifier by class statistics."""


@dataclass
class ContinualSettings(TrainingSettings, NetworkSettings):
    """Training of a network by name, optionally with Hebbian prototypes."""

    @property
    def steps(self) -> bool:
        """Whether a sample is shown for several time steps."""
        return self.spiking or self.expands


@dataclass
class LearningSettings:
    """Passes over the data, selection of a model, and the data that metrics are measured on."""

    passes: int = setting(
        1,
        "passes (epochs) over an experience's training data",
        unit="passes",
        low=1,
        acts_with={"strategy.repeats": Needed("a strategy that learns in passes", bool)},
    )
    selection: str = setting(
        "last",
        "weights used after an experience: of the last pass, or of the best one on validation data",
        choices=("last", "validation"),
    )
    evaluate_on: str = setting(
        "test",
        "data that metrics are measured on (validation: for tuning)",
        choices=("test", "validation"),
    )

    def task(self, device: str, **others: Any) -> ContinualTask:
        """A task with these settings, its tensors on `device`; `others` are its other fields."""
        return ContinualTask(
            passes=self.passes,
            selection=self.selection,
            evaluate_on=self.evaluate_on,
            device=device,
            **others,
        )


class CodedInputs:
    """Inputs shown by a code, for a dataclass with the code's settings."""

    encoding: str
    time_steps: int

    @property
    def encoded(self) -> dict[str, Any]:
        """The encoding as fields of a task."""
        code = settings_of_code(self.encoding, self)
        rate = code.pop("max_rate", getattr(self, "max_rate", 0.0))
        return {"encoding": self.encoding, "time_steps": self.time_steps, "max_rate": rate, "code": code}


@dataclass
class EncodingSettings(RateSettings, PhaseSettings, PopulationSettings, BurstSettings, CodedInputs):
    """Encoding of images for a spiking network, with the settings of all codes."""

    encoding: str = setting(
        "direct",
        "encoding of pixels for a spiking network",
        choices=ENCODINGS,
        acts_with={"strategy.spiking": Needed("a spiking network", bool)},
        elsewhere={
            "delta": "spikes stand for changes in time, and an image has none: choose another encoding"
        },
    )
    time_steps: int = setting(
        10,
        "time steps T for which a sample is shown to a spiking network",
        unit="ms",
        low=1,
        acts_with={"strategy.steps": Needed("spiking neurons in the strategy", bool)},
    )


@dataclass
class HoldoutSettings(LearningSettings):
    """A validation part held out of the training data."""

    validation_share: float = setting(
        0.1, "share of each class's training data held out for validation", low=0, high=0.9
    )

    def check(self) -> None:
        """Raise InputError if a validation part is needed but none is held out."""
        if self.validation_share == 0 and "validation" in (self.selection, self.evaluate_on):
            raise InputError(
                "scenario.validation_share=0 leaves no validation data, which scenario.selection=validation "
                "and scenario.evaluate_on=validation need: set a share such as 0.1"
            )


@dataclass
class ClassOrderSettings(HoldoutSettings):
    """How a data set is divided by class into a stream of experiences."""

    regime: str = setting(
        "class",
        "class: all outputs compete; task: one head per task, label given at test; domain: shared outputs",
        choices=("class", "task", "domain"),
    )
    order_seed: int = setting(
        -1, "seed of the class order; -1 keeps the order of the labels", low=-1, high=2**32 - 1
    )


@dataclass
class StreamSettings(ClassOrderSettings, EncodingSettings):
    """A stream of images divided by class."""

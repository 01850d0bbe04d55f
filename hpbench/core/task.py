"""What a strategy is asked to learn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Part:
    """Samples of one experience: inputs (N, …) in [0, 1], targets (N,), in a fixed order.

    With a `permutation` (D,), inputs are (N, D), and sample n is `inputs[n, permutation]`. Parts that differ
    in it alone share one tensor: 50 permuted copies of MNIST would need 11 GB.
    """

    inputs: "Tensor"
    targets: "Tensor"
    permutation: "Tensor | None" = None


@dataclass(frozen=True)
class ContinualTask:
    """A stream of experiences for the continual protocol.

    `train`, `validation` and `test` have one part per experience. In the task regime targets count
    within their experience and the experience's number is the task label; in the class regime they count
    through the stream; in the domain regime every experience has the same targets. With `pooled`, means over
    experiences weigh them by their samples: accuracy over all classes so far. With `arrival`, the stream is
    online: its samples come that many at a time, once. Without `boundaries`, a strategy is not told where an
    experience ends. `ahead` is how many experiences beyond the last one learned are tested; None: all.
    """

    dataset: str
    dataset_sha256: str
    regime: str
    train: Sequence[Part]
    validation: Sequence[Part]
    test: Sequence[Part]
    outputs: int
    passes: int
    selection: str
    evaluate_on: str
    encoding: str
    time_steps: int
    max_rate: float
    device: str
    pooled: bool = False
    arrival: int | None = None
    boundaries: bool = True
    ahead: int | None = None

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return tuple(self.train[0].inputs.shape[1:])

    @property
    def multi_head(self) -> bool:
        """Whether each experience reads its own outputs, chosen by the task label."""
        return self.regime == "task"


@dataclass(frozen=True)
class Classes:
    """Classes that episodes are drawn from: images (C, D, 1, H, W), uint8, D samples of each of C."""

    images: "Tensor"

    def __len__(self) -> int:
        return len(self.images)

    @property
    def samples(self) -> int:
        """Samples of each class."""
        return int(self.images.shape[1])

    def at(self, places: "Tensor") -> "Tensor":
        """Images (…, 1, H, W) in [0, 1] at places (…), which count the samples class after class."""
        return self.images.flatten(0, 1)[places].float() / 255


@dataclass(frozen=True)
class Shape:
    """An episode's shape: N ways, K support samples and `queries` query samples of each."""

    ways: int
    shots: int
    queries: int

    @property
    def per_class(self) -> int:
        """Samples that an episode takes of each of its classes."""
        return self.shots + self.queries


@dataclass(frozen=True)
class FewShotTask:
    """Classes to meta-train on, others to select on, and others to test on, for the few_shot protocol.

    `tested` is the shape of test episodes, `episodes` their number, `episode_seed` what they are drawn with.
    `evaluate_on` names the part that the figures are measured on: test, or validation for tuning.
    `training_key` names what meta-training depends on, but for the data: runs that have it in common can
    share one meta-trained learner, which is kept in the folder `learners`; with `train_anew` it is not taken
    from there.
    """

    dataset: str
    dataset_sha256: str
    split: str
    train: Classes
    validation: Classes
    test: Classes
    tested: Shape
    episodes: int
    episode_seed: int
    evaluate_on: str
    device: str
    training_key: str
    learners: Path
    train_anew: bool = False

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return tuple(self.train.images.shape[2:])

    @property
    def evaluated(self) -> Classes:
        """The classes that the figures are measured on."""
        return self.test if self.evaluate_on == "test" else self.validation


@dataclass(frozen=True)
class Resources:
    """What a scenario may use: where data are, where tensors go, and how to tell the user a line.

    `training_key` is a hash of the run's sources, seed, and settings but for those that matter at test alone;
    `train_anew` asks that nothing be taken from an earlier run.
    """

    data_root: Path | None
    device: str
    say: Callable[[str], None]
    training_key: str = ""
    train_anew: bool = False

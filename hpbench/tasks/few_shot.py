"""What a few-shot learner is asked to learn."""

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from hpbench.core.stream import Stream


@dataclass(frozen=True)
class Classes:
    """Classes that episodes are drawn from: images (C, D, 1, H, W), uint8, D samples of each of C."""

    images: Tensor

    def __len__(self) -> int:
        return len(self.images)

    @property
    def samples(self) -> int:
        """Samples of each class."""
        return int(self.images.shape[1])

    def at(self, places: Tensor) -> Tensor:
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

    def stream(self) -> Stream:
        """What a strategy can be asked about before it is built."""
        return Stream("few_shot", ways=self.tested.ways)

    @property
    def evaluated(self) -> Classes:
        """The classes that the figures are measured on."""
        return self.test if self.evaluate_on == "test" else self.validation

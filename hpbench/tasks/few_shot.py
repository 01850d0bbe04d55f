"""The task of the few-shot protocol: classes to draw episodes from."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hpbench.core.stream import Stream

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class ClassSet:
    """Classes that episodes are drawn from: D samples of each of C, images or frames of events.

    `alphabets` names the alphabet of each class, (C,); empty if it is not known.
    """

    alphabets: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """(C, D, …), with the shape of a sample: (1, H, W) of an image, (T, P, H, W) of frames."""
        raise NotImplementedError

    @property
    def device(self) -> "torch.device":
        """Where samples are made."""
        raise NotImplementedError

    def at(self, places: "Tensor") -> "Tensor":
        """Samples (…, *sample) at indices (…) into all C·D samples, class after class."""
        raise NotImplementedError

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def samples(self) -> int:
        """Samples of each class."""
        return self.shape[1]


@dataclass(frozen=True)
class Classes(ClassSet):
    """Classes of images (C, D, 1, H, W), uint8."""

    images: "Tensor"
    alphabets: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """(C, D, 1, H, W)."""
        return tuple(self.images.shape)

    @property
    def device(self) -> "torch.device":
        """Where the images are."""
        return self.images.device

    def at(self, places: "Tensor") -> "Tensor":
        """Images (…, 1, H, W) in [0, 1] at indices (…) into all C·D samples, class after class."""
        return self.images.flatten(0, 1)[places].float() / 255


@dataclass(frozen=True)
class Shape:
    """An episode's shape: N ways, K support samples and `queries` query samples of each.

    With `one_alphabet`, all its classes are of one alphabet.
    """

    ways: int
    shots: int
    queries: int
    one_alphabet: bool = False

    @property
    def per_class(self) -> int:
        """Samples that an episode takes of each of its classes."""
        return self.shots + self.queries


@dataclass(frozen=True)
class FewShotTask:
    """Disjoint classes for meta-training, for selecting the best state, and for testing.

    `tested` is the shape of test episodes, `episodes` their number, `episode_seed` the seed of their draw.
    `evaluate_on` names the part that the figures are measured on: test, or validation for tuning.
    `training_key` is a hash of all that meta-training depends on except the data: runs with the same key
    share one meta-trained learner, stored in the folder `learners`. With `train_anew`, a stored one is not
    loaded.
    """

    dataset: str
    dataset_sha256: str
    split: str
    train: ClassSet
    validation: ClassSet
    test: ClassSet
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
        return self.train.shape[2:]

    @property
    def shown_steps(self) -> int | None:
        """Time steps T of a sample (T, P, H, W), frames of events; None for images."""
        return self.input_shape[0] if len(self.input_shape) == 4 else None

    def stream(self) -> Stream:
        """The properties that decide whether a strategy can be run on this task."""
        encoding = None if self.shown_steps is None else "frames"
        return Stream("few_shot", encoding=encoding, time_steps=self.shown_steps, ways=self.tested.ways)

    @property
    def evaluated(self) -> ClassSet:
        """The classes that the figures are measured on."""
        return self.test if self.evaluate_on == "test" else self.validation

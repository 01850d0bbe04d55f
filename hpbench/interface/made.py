"""Scenarios and strategies built from Python objects: arrays, and a function that makes a network."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpbench import registry
from hpbench.core.columns import LONGEST_WORD
from hpbench.core.errors import InputError
from hpbench.core.identity import short_hash
from hpbench.data.images.image_data import ImageData
from hpbench.entry import Kind
from hpbench.learning.settings import StreamSettings, TrainingSettings
from hpbench.learning.supervised import supervised
from hpbench.made import Made, add_made, code_of
from hpbench.streams.split import split_by_class
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

if TYPE_CHECKING:
    import torch
    from numpy.typing import ArrayLike


def scenario_from_arrays(
    name: str,
    train: "tuple[ArrayLike, ArrayLike]",
    test: "tuple[ArrayLike, ArrayLike]",
    *,
    experiences: int = 5,
    summary: str = "Own images, divided by class.",
) -> Made:
    """A stream of experiences with equally many classes each, of own images.

    `train` and `test` are images (N, S, S), or (N, 3, S, S) in colour, uint8 or floats in [0, 1], and labels
    (N,), from 0 on. Settings are those of `split_mnist`. It can be asked for by its name from now on. Raises
    InputError for other arrays, and for a name that cannot be asked for.
    """
    _check_free(name, "scenarios")
    (images, labels), (tested, wanted) = train, test
    data = ImageData(name, images, labels, tested, wanted, source="arrays")  # type: ignore[arg-type]
    contents = {"PROTOCOL": "continual", "Settings": StreamSettings, "build": _Split(data, experiences)}
    made = Made(
        name, "scenarios", ("continual",), f"arrays-{short_hash(experiences)[:12]}", summary, contents
    )
    add_made(made)
    return made


def _check_free(name: str, kind: Kind) -> None:
    """Raise InputError for what is too long for a row or no text, and for a name that hpbench has given."""
    if not isinstance(name, str) or len(name) > LONGEST_WORD:
        raise InputError(f"{str(name)[:LONGEST_WORD]!r} is no name of at most {LONGEST_WORD} characters")
    if any(one.name == name for one in registry.shipped(kind)):
        raise InputError(f"hpbench has {name!r} among its {kind}: choose another name")


@dataclass(frozen=True)
class _Split:
    data: ImageData
    experiences: int

    def __call__(self, settings: StreamSettings, resources: Resources) -> ContinualTask:
        return split_by_class(self.data, self.experiences, settings, resources)


def strategy_from_module(
    name: str,
    make: "Callable[[ContinualTask], torch.nn.Module]",
    *,
    summary: str = "A network of one's own, trained by gradients.",
) -> Made:
    """A strategy that trains a network of one's own, from (B, …) to (B, task.outputs), by gradients.

    `make(task)` returns the network, which fits `task.input_shape`, `task.outputs` and `task.time_steps`.
    Settings are those of training, prototypes included. It can be asked for by its name from now on, and its
    version is a hash of the code of `make` and of what that uses. Raises InputError for a name that cannot be
    asked for.
    """
    _check_free(name, "strategies")
    contents = {"Settings": TrainingSettings, "continual": _Trained(make)}
    made = Made(name, "strategies", ("continual", "robustness"), code_of(make), summary, contents)
    add_made(made)
    return made


@dataclass(frozen=True)
class _Trained:
    make: "Callable[[ContinualTask], torch.nn.Module]"

    def __call__(self, settings: TrainingSettings, task: ContinualTask) -> Any:
        return supervised(settings, task, self.make(task))

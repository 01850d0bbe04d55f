"""Snapshots of a strategy in training, for looking at what it learned and how (`hpbench compare`)."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from avalanche.core import SupervisedPlugin
from torch import Tensor

from hpbench.learning.logs import made_anew
from hpbench.learning.snapshot_file import write_snapshot
from hpbench.learning.strategy import prototypes_of
from hpbench.learning.true_gradient import true_gradient


def due(step: int) -> bool:
    """Whether there is a snapshot before this step: 0, 10, 20, 50, 100, 200, 500, …"""
    return step == 0 or (step >= 10 and str(step).rstrip("0") in ("1", "2", "5"))


def angle(one: Tensor, other: Tensor) -> float:
    """The angle between two gradients of one shape, in degrees; not a number if one of them is 0."""
    first, second = one.double().flatten(), other.double().flatten()
    lengths = float(first.norm() * second.norm())
    return (
        math.degrees(math.acos(max(-1.0, min(1.0, float(first @ second) / lengths)))) if lengths else math.nan
    )


class Snapshots:
    """A log of a run: a file in `folder` for every step that is due."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def watch(self, strategy: Any) -> None:
        """Take snapshots of an Avalanche strategy from now on."""
        strategy.plugins.append(_Snapshots(self._folder))

    def point(self, name: str, value: float, number: int) -> None:
        """Nothing: accuracies are in the run's record."""


@contextmanager
def snapshots_into(folder: Path) -> Iterator[Snapshots]:
    """Snapshots in this folder, from which earlier ones are removed.

    Raises InputError if the folder cannot be written.
    """
    yield made_anew("snapshots", folder, Snapshots)


class _Snapshots(SupervisedPlugin):
    """Writes the tensors before a step, and the angles of the step's gradient.

    Rules that move the weights at every time step of a batch have one for each: their sum is compared.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.step = self.samples = 0
        self._state: dict[str, Tensor] = {}
        self._true: dict[str, Tensor] = {}
        self._rule: dict[str, Tensor] = {}

    def before_forward(self, strategy: Any, **kwargs: Any) -> None:
        """The tensors, and the gradient of backpropagation."""
        if not due(self.step):
            return
        prototypes = prototypes_of(strategy)
        parts = {} if prototypes is None else {"prototypes": prototypes.reader.parts}
        whole = torch.nn.ModuleDict({"model": strategy.model, **parts})
        self._state = {name: one.clone() for name, one in whole.state_dict().items()}
        self._true, self._rule = true_gradient(strategy), {}

    def before_update(self, strategy: Any, **kwargs: Any) -> None:
        """The rule's own gradient."""
        for name, parameter in strategy.model.named_parameters() if self._true else ():
            if name in self._true and parameter.grad is not None:
                self._rule[name] = self._rule.get(name, torch.zeros_like(parameter)) + parameter.grad

    def after_training_iteration(self, strategy: Any, **kwargs: Any) -> None:
        """Write what has been found."""
        if self._state:
            found = {name: angle(one, self._true[name]) for name, one in self._rule.items()}
            angles = {name: one for name, one in found.items() if not math.isnan(one)}
            write_snapshot(self.folder, self._state, self.step, self.samples, angles)
            self._state, self._true = {}, {}
        self.step += 1
        self.samples += len(strategy.mb_y)

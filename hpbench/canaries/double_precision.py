"""Converts the data of a task to torch's current default precision."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from hpbench.tasks.continual import Inputs, Part
from hpbench.tasks.few_shot import Classes


@dataclass(frozen=True)
class Converted:
    """Inputs whose batches are made in the default precision."""

    inputs: Inputs

    @property
    def shape(self) -> Any:
        """(N, …)."""
        return self.inputs.shape

    @property
    def device(self) -> torch.device:
        """Where batches are made."""
        return self.inputs.device

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, rows: Any) -> Tensor:
        """Samples (B, …)."""
        return self.inputs[rows].to(torch.get_default_dtype())


def converted(inputs: Inputs) -> Inputs:
    """The same samples in the default precision."""
    if isinstance(inputs, Tensor):
        return inputs.to(torch.get_default_dtype())
    return Converted(inputs)


def converted_part(part: Part) -> Part:
    """The same part with its inputs in the default precision."""
    return Part(converted(part.inputs), part.targets, part.permutation)


class ConvertedClasses(Classes):
    """Classes whose images are made in the default precision."""

    def at(self, places: Tensor) -> Tensor:
        """Images (…, 1, H, W) in [0, 1] at places (…)."""
        return super().at(places).to(torch.get_default_dtype())

"""A smooth step in the place of the spike: finite differences can check the gradients of a whole cell."""

import pytest
import torch
from torch import Tensor

from hpbench.spiking import parameters
from hpbench.spiking.surrogate import SIGMOID_SLOPE, SURROGATES, Surrogate


def smooth_step(distance: Tensor, slope: float = SIGMOID_SLOPE) -> Tensor:
    """σ(k x): a step whose value and gradient agree, of the shape of `distance`; k in 1 / membrane unit."""
    return torch.sigmoid(slope * distance)


def _smooth_into(potential: Tensor, threshold: float, room: Tensor | None) -> Tensor:
    stepped = smooth_step(potential - threshold)
    return stepped if room is None else room.copy_(stepped)


SMOOTH = Surrogate(
    "smooth", "k σ(kx) (1 − σ(kx)), k = 4, forward σ(kx)", SURROGATES["sigmoid"].derivative, _smooth_into
)
"""`smooth_step` as a surrogate."""


def add_smooth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make "smooth" a surrogate by name, during a test."""
    monkeypatch.setitem(SURROGATES, "smooth", SMOOTH)
    monkeypatch.setitem(parameters._NAMES, "surrogate", tuple(SURROGATES))

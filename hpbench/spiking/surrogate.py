"""Surrogate gradients of the spike H(x), x = u − v_th, by name."""

from typing import Any

import torch
from torch import Tensor


class _Rectangular(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, distance: Tensor) -> Tensor:  # type: ignore[override]
        ctx.save_for_backward(distance)
        return (distance > 0).to(distance.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        (distance,) = ctx.saved_tensors
        return gradient * (distance.abs() < 0.5)


def rectangular(distance: Tensor) -> Tensor:
    """Spikes H(x); the gradient is 1 where abs(x) < 0.5, else 0 (height 1, as the authors released it)."""
    return _Rectangular.apply(distance)


SURROGATES = {"rectangular": rectangular}

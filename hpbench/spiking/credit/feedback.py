"""Fixed random feedback: its matrices, and the operation by which an output's errors reach hidden layers."""

from typing import Any

import torch
from torch import Tensor

from hpbench.spiking.hybrid.product import product


def like_weights(weight: Tensor) -> Tensor:
    """A random B in the shape of W, from the distribution that W starts from: ±1/√n for n inputs."""
    return torch.empty_like(weight.data).uniform_(-1, 1) / weight[0].numel() ** 0.5


def from_outputs(outputs: int, neurons: int) -> Tensor:
    """A random B, (K, m), from K outputs to m neurons: uniform within ±1/√K."""
    return torch.empty(outputs, neurons).uniform_(-1, 1) / outputs**0.5


def broadcast(ahead: Tensor, reached: list[Tensor], matrices: list[Tensor]) -> Tensor:
    """`ahead`, (T, B, K), as it is; its gradient also goes to each of `reached`, through a matrix.

    `reached` are spikes (T, B, …), one for each hidden layer, and `matrices` their B, (K, m). This is direct
    feedback alignment: ∂s_l(t) = ∂(W x)(t) B_l, with W x that of the last layer (Nøkland, NeurIPS 2016).
    """
    sent: Tensor = _Broadcast.apply(ahead, *reached, *matrices)
    return sent


class _Broadcast(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, ahead: Tensor, *others: Tensor) -> Tensor:  # type: ignore[override]
        half = len(others) // 2
        ctx.shapes = [one.shape for one in others[:half]]
        ctx.save_for_backward(*others[half:])
        return ahead.view_as(ahead)

    @staticmethod
    def backward(ctx: Any, error: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        matrices = ctx.saved_tensors
        sent = [
            product(error, matrix).reshape(shape) for matrix, shape in zip(matrices, ctx.shapes, strict=True)
        ]
        return error, *sent, *[None] * len(matrices)

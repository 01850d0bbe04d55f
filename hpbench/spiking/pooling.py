"""Means over squares of places, in the order of memory that convolutions leave: channels last."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad


def means(values: Tensor, side: int) -> Tensor:
    """Means (N, C, H // side, W // side) of values (N, C, H, W); left-over rows and columns are not used."""
    pooled: Tensor = _Means.apply(values, side)
    return pooled


class _Means(torch.autograd.Function):
    """torch's own backward pass fills its result with 0 first, and takes the other order of memory."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, side: int) -> Tensor:  # type: ignore[override]
        ctx.side, ctx.shape = side, values.shape[2:]
        return avg_pool2d(values, side)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        side, (height, width) = ctx.side, ctx.shape
        share = gradient.permute(0, 2, 3, 1) / side**2
        spread = share[:, :, None, :, None].expand(-1, -1, side, -1, side, -1)
        whole = spread.flatten(3, 4).flatten(1, 2)
        left_over = height - whole.shape[1], width - whole.shape[2]
        if any(left_over):
            whole = pad(whole, (0, 0, 0, left_over[1], 0, left_over[0]))
        return whole.permute(0, 3, 1, 2), None

"""The feed-forward product of a layer over a window, W x, and what its backward pass sends back.

Where nothing but this product and the neurons makes a layer (no Hebbian trace), its current is known before
the first spike, and its neurons are `spiking.fed_window`.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.grad import conv2d_input, conv2d_weight

from hpbench.spiking.hybrid.product import product


def fed_forward(values: Tensor, weight: Tensor, back: Tensor | None = None) -> Tensor:
    """W x (…, m) of x (…, n) and W (m, n), in the weight's precision: autocast may lower that of the product.

    The gradient of x is that of W x times `back`, (m, n), in place of W if it is given (feedback alignment).
    """
    if torch.compiler.is_compiling() and back is None:
        return torch.matmul(values, weight.T)
    ahead: Tensor = _FedForward.apply(values, weight, back)
    return ahead


class _FedForward(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, weight: Tensor, back: Tensor | None) -> Tensor:  # type: ignore[override]
        ctx.save_for_backward(values, weight, back)
        return product(values, weight.T).to(weight.dtype)

    @staticmethod
    def backward(ctx: Any, to_ahead: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        values, weight, back = ctx.saved_tensors
        to_values = to_weight = None
        with torch.autocast(weight.device.type, enabled=False):
            if ctx.needs_input_grad[1]:
                to_weight = product(to_ahead.flatten(0, -2).T, values.flatten(0, -2))
            if ctx.needs_input_grad[0]:
                to_values = product(to_ahead, weight if back is None else back)
        return to_values, to_weight, None


def convolved(
    values: Tensor, weight: Tensor, stride: int, padding: int, back: Tensor | None = None
) -> Tensor:
    """The same for a convolution: W ∗ x of x (B, C, H, W) and kernels W; `back` in their shape."""
    if back is None:
        return torch.nn.functional.conv2d(values, weight, None, stride, padding)
    found: Tensor = _Convolved.apply(values, weight, back, stride, padding)
    return found


class _Convolved(torch.autograd.Function):
    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, values: Tensor, weight: Tensor, back: Tensor, stride: int, padding: int
    ) -> Tensor:
        ctx.save_for_backward(values, weight, back)
        ctx.stride, ctx.padding = stride, padding
        return torch.nn.functional.conv2d(values, weight, None, stride, padding)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        values, weight, back = ctx.saved_tensors
        to_values = to_weight = None
        if ctx.needs_input_grad[0]:
            to_values = conv2d_input(values.shape, back, gradient, ctx.stride, ctx.padding)
        if ctx.needs_input_grad[1]:
            to_weight = conv2d_weight(values, weight.shape, gradient, ctx.stride, ctx.padding)
        return to_values, to_weight, None, None, None

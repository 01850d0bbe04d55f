"""The feed-forward product of a dense layer over a window, W x, and what its backward pass sends back.

Where nothing but these products and the neurons makes a layer (no Hebbian trace), its current is known before
the first spike, and its neurons are `spiking.fed_window`.
"""

from typing import Any

import torch
from torch import Tensor

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

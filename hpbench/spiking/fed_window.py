"""Neurons of a layer without local path over a window, from W x: I(t) = d_t W x(t) + b.

For convolutions, whose channels are the neurons and whose places are rows; the dense layer's form is
`spiking.hybrid.feed_forward`. Where the compiled kernels can be used, they do the work.
"""

from typing import Any

import torch
from torch import Tensor

from hpbench.spiking.fired_window import fired, recorded
from hpbench.spiking.fused import layer
from hpbench.spiking.fused.library import usable
from hpbench.spiking.parameters import HybridParameters


def fed(ahead: Tensor, bias: Tensor, steps: int, p: HybridParameters) -> Tensor:
    """Spikes (T, rows, m) of neurons with W x (T, rows, m), or (rows, m) if constant, and b (m,)."""
    entries = steps * ahead.shape[-2] * len(bias)
    if bias.is_contiguous() and usable(entries, ahead, bias, neuron=p):
        spikes: Tensor = _Fed.apply(ahead, bias, steps, p)
        return spikes
    return fired(_currents(ahead, bias, steps, p), steps, p)


def _currents(ahead: Tensor, bias: Tensor, steps: int, p: HybridParameters) -> Tensor:
    """I(t), (T, rows, m)."""
    scales = ahead.new_tensor([p.weight_scale(step) for step in range(steps)])
    return torch.addcmul(bias, scales[:, None, None], ahead)


class _Fed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, ahead: Tensor, bias: Tensor, steps: int, p: HybridParameters) -> Tensor:  # type: ignore[override]
        ctx.steps, ctx.p = steps, p
        ahead = ahead.contiguous()
        ctx.save_for_backward(ahead, bias)
        return layer.forward(p, steps, bias, ahead, keep=False)[0]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        steps, p, (ahead, bias) = ctx.steps, ctx.p, ctx.saved_tensors
        if torch.is_grad_enabled():
            again = recorded(_currents(ahead, bias, steps, p), steps, p)
            return *torch.autograd.grad(again, (ahead, bias), gradient, create_graph=True), None, None
        return *layer.backward(p, steps, bias, ahead, gradient, None, keep=False), None, None

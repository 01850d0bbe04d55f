"""Neurons of a layer without local path over a window, from W x: I(t) = d_t W x(t) + b.

For dense layers, and for convolutions, whose channels are the neurons and whose places are rows. Where the
compiled kernels can be used, they do the work, in one pass over memory each way.
"""

from typing import Any

import torch
from torch import Tensor

from hpbench.spiking import neuron
from hpbench.spiking.fired_window import fired
from hpbench.spiking.fused import layer
from hpbench.spiking.fused.library import usable
from hpbench.spiking.parameters import HybridParameters


def fed(ahead: Tensor, bias: Tensor, steps: int, p: HybridParameters) -> Tensor:
    """Spikes (T, rows, m) of neurons with W x (T, rows, m), or (rows, m) if constant, and b (m,)."""
    if suits(ahead, bias, steps, p):
        return answered(ahead, bias, steps, p, keep=False)[0]
    return fired(_currents(ahead, bias, steps, p), steps, p)


def suits(ahead: Tensor, bias: Tensor, steps: int, p: HybridParameters) -> bool:
    """Whether the compiled kernels can take these neurons."""
    return bias.is_contiguous() and usable(steps * ahead.shape[-2] * len(bias), ahead, bias, neuron=p)


def answered(
    ahead: Tensor, bias: Tensor, steps: int, p: HybridParameters, *, keep: bool
) -> tuple[Tensor, Tensor]:
    """The same by the kernels, with membranes: (T, rows, m) if `keep`, else (1, rows, m) of the last step."""
    spikes, membranes = _Fed.apply(ahead, bias, steps, p, keep)
    return spikes, membranes


def _currents(ahead: Tensor, bias: Tensor, steps: int, p: HybridParameters) -> Tensor:
    """I(t), (T, rows, m)."""
    scales = ahead.new_tensor([p.weight_scale(step) for step in range(steps)])
    return torch.addcmul(bias, scales[:, None, None], ahead)


def _recorded(
    ahead: Tensor, bias: Tensor, steps: int, p: HybridParameters, keep: bool
) -> tuple[Tensor, Tensor]:
    """What `answered` returns, recorded by autograd step by step."""
    currents = _currents(ahead, bias, steps, p)
    membrane = spikes = torch.zeros_like(currents[0])
    all_spikes, membranes = [], []
    for current in currents:
        membrane, spikes = neuron.fire(current, membrane, spikes, p)
        all_spikes.append(spikes)
        membranes.append(membrane)
    return torch.stack(all_spikes), torch.stack(membranes if keep else membranes[-1:])


class _Fed(torch.autograd.Function):
    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, ahead: Tensor, bias: Tensor, steps: int, p: HybridParameters, keep: bool
    ) -> tuple[Tensor, Tensor]:
        ctx.steps, ctx.p, ctx.keep = steps, p, keep
        ctx.set_materialize_grads(False)
        ahead = ahead.contiguous()
        ctx.save_for_backward(ahead, bias)
        return layer.forward(p, steps, bias, ahead, keep=keep)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        steps, p, keep, (ahead, bias) = ctx.steps, ctx.p, ctx.keep, ctx.saved_tensors
        with torch.autocast("cpu", enabled=False):
            if torch.is_grad_enabled():
                found = _again((ahead, bias), _recorded(ahead, bias, steps, p, keep), gradients)
                return *found, None, None, None
            return *layer.backward(p, steps, bias, ahead, *gradients, keep=keep), None, None, None


def _again(
    given: tuple[Tensor, Tensor], ends: tuple[Tensor, Tensor], gradients: tuple[Tensor | None, ...]
) -> tuple[Tensor | None, ...]:
    """Gradients of W x and b, themselves differentiable."""
    reached = [(end, gradient) for end, gradient in zip(ends, gradients, strict=True) if gradient is not None]
    wanted = [one for one in given if one.requires_grad]
    ended, onto = zip(*reached, strict=True)
    found = iter(torch.autograd.grad(ended, wanted, onto, create_graph=True))
    return tuple(next(found) if one.requires_grad else None for one in given)

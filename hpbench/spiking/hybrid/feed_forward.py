"""The time loop of a layer without local path and recurrent connections, by the compiled kernels.

It computes what `spiking.hybrid.loop` does, to the last bit, in one pass over memory each way.
"""

from typing import Any

import torch
from torch import Tensor

from hpbench.spiking.fused import layer
from hpbench.spiking.fused.library import usable
from hpbench.spiking.hybrid.loop import Drive, Plan, again, fed_forward, products


def suits(plan: Plan, drive: Drive) -> bool:
    """Whether this loop can take a layer."""
    if plan.form is not None or drive.recurrent is not None:
        return False
    entries = plan.steps * drive.values.shape[-2] * len(drive.bias)
    return drive.bias.is_contiguous() and usable(entries, *drive[:3], neuron=plan.p)


def unroll(plan: Plan, drive: Drive) -> tuple[Tensor, Tensor, None]:
    """Spikes and membranes as `spiking.hybrid.loop.unroll` returns them; there is no trace."""
    spikes, membranes = _Fed.apply(plan, drive.values, drive.weight, drive.bias)
    return spikes, membranes, None


class _Fed(torch.autograd.Function):
    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, plan: Plan, values: Tensor, weight: Tensor, bias: Tensor
    ) -> tuple[Tensor, Tensor]:
        ahead = fed_forward(Drive(values, weight, bias))
        ctx.plan = plan
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(values, weight, bias, ahead)
        return layer.forward(plan.p, plan.steps, bias, ahead, keep=plan.keep_membranes)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        plan, (*given, ahead) = ctx.plan, ctx.saved_tensors
        drive = Drive(*given)
        with torch.autocast("cpu", enabled=False):
            if torch.is_grad_enabled():
                return None, *again(plan, drive, *gradients)[:3]
            to_ahead, to_bias = layer.backward(
                plan.p, plan.steps, drive.bias, ahead, *gradients, keep=plan.keep_membranes
            )
            to_weight, to_values = products(drive, to_ahead)
        return None, to_values, to_weight, to_bias

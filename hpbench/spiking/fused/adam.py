"""Adam with fewer passes over memory."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hpbench.spiking.fused.library import kernel, usable

_LEFT_TO_TORCH = ("weight_decay", "amsgrad", "maximize", "capturable", "differentiable", "fused")
"""Options of torch's Adam that the kernels do not know."""


class Adam(torch.optim.Adam):
    """torch's Adam (Kingma & Ba, ICLR 2015), with the same results to the last bit.

    A step with options or tensors that the kernels do not know is left to torch, and so is the first one,
    which makes the state.
    """

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step; the closure, if given, computes the loss again and returns it."""
        if closure is not None or not all(map(self._suits, self.param_groups)):
            return super().step(closure)
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    _advance(parameter.detach(), parameter.grad, self.state[parameter], group)
        return None

    def _suits(self, group: dict[str, Any]) -> bool:
        """Whether the kernels can take this group."""
        if isinstance(group["lr"], Tensor) or any(group[name] for name in _LEFT_TO_TORCH):
            return False
        moved = [one for one in group["params"] if one.grad is not None]
        return all(
            self.state.get(one) and _alike(one, one.grad) and usable(one.numel(), one, one.grad)
            for one in moved
        )


def _advance(parameter: Tensor, gradient: Tensor, state: dict[str, Any], options: dict[str, Any]) -> None:
    """As `torch.optim.adam._single_tensor_adam`."""
    mean, square, (first, second) = state["exp_avg"], state["exp_avg_sq"], options["betas"]
    state["step"] += 1
    step, count = state["step"].item(), parameter.numel()
    kernel("adam_means", parameter)(
        count, gradient.data_ptr(), mean.data_ptr(), square.data_ptr(), 1 - first, second, 1 - second
    )
    root = square.sqrt()
    kernel("adam_move", parameter)(
        count,
        parameter.data_ptr(),
        mean.data_ptr(),
        root.data_ptr(),
        (1 - second**step) ** 0.5,
        options["eps"],
        -options["lr"] / (1 - first**step),
    )
    torch.autograd.graph.increment_version([parameter, mean, square])


def _alike(parameter: Tensor, gradient: Tensor) -> bool:
    """Whether entries have the same places in both, without gaps; the means are laid out as the parameter."""
    if parameter.is_contiguous() and gradient.is_contiguous():
        return True
    last = torch.channels_last
    return (
        parameter.ndim == 4
        and parameter.is_contiguous(memory_format=last)
        and gradient.is_contiguous(memory_format=last)
    )

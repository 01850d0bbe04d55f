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
        return all(self._takes(one) for one in moved)

    def _takes(self, parameter: Tensor) -> bool:
        state = self.state.get(parameter)
        if not state:
            return False
        means = state["exp_avg"], state["exp_avg_sq"]
        assert parameter.grad is not None
        return _alike(parameter, parameter.grad, *means) and usable(
            parameter.numel(), parameter, parameter.grad, *means
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


def _alike(*tensors: Tensor) -> bool:
    """Whether entries have the same places in all, without gaps."""
    if all(one.is_contiguous() for one in tensors):
        return True
    last = torch.channels_last
    return tensors[0].ndim == 4 and all(one.is_contiguous(memory_format=last) for one in tensors)

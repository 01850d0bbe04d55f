"""The matrix products of a training step alone: a lower limit of its time."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

PRODUCTS = {
    torch.ops.aten.mm.default,
    torch.ops.aten.addmm.default,
    torch.ops.aten.bmm.default,
    torch.ops.aten.baddbmm.default,
    torch.ops.aten.mv.default,
}
if hasattr(torch.ops.mkldnn, "_linear_pointwise"):
    PRODUCTS.add(torch.ops.mkldnn._linear_pointwise.default)


class _Recorder(TorchDispatchMode):
    """Keeps every matrix product with the layout of its operands."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, Any, Any]] = []
        self.operands: dict[Any, Tensor] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in PRODUCTS:
            self.calls.append((func, tree_map_only(Tensor, self._like, args), kwargs))
        return func(*args, **kwargs)

    def _like(self, operand: Tensor) -> Tensor:
        """A tensor of the same layout, one for all operands that share it."""
        key = (operand.shape, operand.stride(), operand.dtype, operand.device)
        if key not in self.operands:
            span = sum((length - 1) * stride for length, stride in zip(*key[:2], strict=True)) + 1
            filled = torch.empty(span, dtype=operand.dtype, device=operand.device).uniform_(0.1, 1.0)
            self.operands[key] = filled.as_strided(*key[:2])
        return self.operands[key]


def products_of(step: Callable[[], object]) -> Callable[[], None]:
    """What repeats the matrix products of a step, forward and backward, and nothing else.

    They are recorded from a run of the step, so they are those of the form that it takes, whatever it is.
    """
    with torch.enable_grad(), _Recorder() as recorder, torch.autograd.set_multithreading_enabled(False):
        step()

    def run() -> None:
        with torch.inference_mode():
            for func, args, kwargs in recorder.calls:
                func(*args, **kwargs)

    return run

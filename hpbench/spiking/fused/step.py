"""The steps of an HP layer by the kernels: as those in torch's operations, in one pass over memory each.

The plain form is in `hpbench.spiking.hybrid.loop` and `hpbench.spiking.hybrid.step`. Tensors of all steps are
(T, B, m), and every step of them is contiguous; those of neurons are (m,).
"""

import torch
from torch import Tensor

from hpbench.spiking.fused.library import constants, kernel
from hpbench.spiking.parameters import HybridParameters


class _Place:
    """Where the steps of a tensor are in memory."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor  # to be kept as long as its place is used
        self.first = tensor.data_ptr()
        self.stride = tensor.stride(0) * tensor.element_size() if tensor.ndim == 3 else 0

    def at(self, step: int) -> int:
        return self.first + step * self.stride


class Forward:
    """The forward steps of a window, which write membranes and spikes of all steps.

    `ahead`, W x, is (T, B, m), or (B, m) if constant; α is one or (m,), or None without a trace; `sliding`
    are the offset and where to write u/v_th − offset of all steps, if it is wanted.
    """

    def __init__(
        self,
        p: HybridParameters,
        bias: Tensor,
        ahead: Tensor,
        alpha: Tensor | None,
        rooms: tuple[Tensor, Tensor],
        sliding: tuple[Tensor, Tensor] | None,
    ) -> None:
        self.p = p
        self.ahead, self.membranes, self.spikes = map(_Place, (ahead, *rooms))
        self.kernel = kernel("step_forward", ahead)
        self.layer = constants(p), *ahead.shape[-2:], bias.data_ptr()
        self.gain = (None, 0) if alpha is None else (alpha.data_ptr(), alpha.ndim)
        self.offset = None if sliding is None else sliding[0].data_ptr()
        self.posts = None if sliding is None else _Place(sliding[1])

    def step(self, step: int, read: Tensor | None) -> None:
        """Take a step; `read` = P(t−1)^T x(t), (B, m), is the trace's input product."""
        read = None if read is None else read.contiguous()
        self.kernel(
            *self.layer,
            self.ahead.at(step),
            self.p.weight_scale(step),
            *self.gain,
            None if read is None else read.data_ptr(),
            self.p.trace_scale(step),
            self.membranes.at(step - 1) if step else None,
            self.membranes.at(step),
            self.spikes.at(step),
            self.offset,
            None if self.posts is None else self.posts.at(step),
        )


class Backward:
    """The adjoint of the steps, from the last to the first.

    Given are the membranes of all steps, and from later layers the gradients of spikes, of all steps, and
    of membranes, of all steps or of the last one. The gradient of W x is written to `to_ahead`, or added if
    it is (B, m). `gains` are α e_t of all steps, one or (m,) each.
    """

    def __init__(
        self,
        p: HybridParameters,
        membranes: Tensor,
        from_spikes: Tensor | None,
        from_membranes: Tensor | None,
        to_ahead: Tensor,
        gains: tuple[Tensor, ...] | None,
    ) -> None:
        self.p, self.gains = p, gains
        self.like = membranes[0]
        nothing = torch.zeros_like(self.like).expand_as(membranes)
        self.membranes, self.to_ahead = _Place(membranes), _Place(to_ahead)
        self.from_spikes = _Place(_stepwise(nothing if from_spikes is None else from_spikes))
        self.from_membranes = None if from_membranes is None else _Place(_stepwise(from_membranes))
        self.first_seen = 0 if from_membranes is None else len(membranes) - len(from_membranes)
        self.kernel = kernel("step_backward", membranes)
        self.layer = constants(p), *self.like.shape
        self.adds = to_ahead.ndim == 2
        self.later: Tensor | None = None

    def step(
        self, step: int, inner: Tensor | None, fired: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """∂u(t), ∂I(t) and ∂read(t), given ∂(u/v_th) and ∂s(t) from the local path."""
        seen = self.from_membranes if step >= self.first_seen else None
        to_membrane = torch.empty_like(self.like)
        to_current = to_membrane if self.p.current_gain == 1 else torch.empty_like(self.like)
        gain = None if self.gains is None else self.gains[step]
        to_read = None if gain is None else torch.empty_like(self.like)
        self.kernel(
            *self.layer,
            self.from_spikes.at(step),
            None if self.later is None else self.later.data_ptr(),
            self.membranes.at(step),
            None if inner is None else inner.data_ptr(),
            None if fired is None else fired.data_ptr(),
            None if seen is None else seen.at(step - self.first_seen),
            to_membrane.data_ptr(),
            None if to_current is to_membrane else to_current.data_ptr(),
            self.to_ahead.at(step),
            self.p.weight_scale(step),
            self.adds,
            None if gain is None else gain.data_ptr(),
            0 if gain is None else gain.ndim,
            None if to_read is None else to_read.data_ptr(),
        )
        self.later = to_membrane
        return to_membrane, to_current, to_read


def _stepwise(tensor: Tensor) -> Tensor:
    """The tensor, copied unless each of its steps is contiguous."""
    return tensor if tensor[0].is_contiguous() else tensor.contiguous()

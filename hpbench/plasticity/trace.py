"""The Hebbian trace: its factors, its update, and an upper bound of its size.

Wu et al., Nat. Commun. 13:65 (2022), Eqs. 4 and 8. There are two kinds. In the paper every sample has a
trace of its own, (B, n, m). In the released code a layer has one, (n, m), updated by the mean over the batch:

    sample   P_b ← clamp(λ P_b + (r ∘ x_b) g_b^T)          batch   P ← clamp(λ P + mean_b (r ∘ x_b) g_b^T)

x is the pre-synaptic input, r (n,) the local learning rate of each input, g the post-synaptic factor ("post
factor"), λ the decay per step; the clamp is to ± a bound.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def post_factor(
    kind: str,
    membrane: Tensor,
    spikes: Tensor,
    threshold: float,
    offset: Tensor,
    room: Tensor | None = None,
) -> Tensor:
    """g, (B, m), from the membrane before its reset and the spikes, both (B, m); `offset` is (m,).

    `tanh_sliding`: tanh(u/v_th − offset), a learned sliding threshold (released code). `linear_falling`:
    offset − u/v_th, without bound (released code for classification). Otherwise Eq. 4, ρ(u) + offset, with
    ρ = tanh(u/v_th), σ(u/v_th − 1), or H(u − v_th) (Eq. 12). The result is written to `room` if given.
    """
    if kind == "tanh_sliding":
        sliding = torch.add(-offset, membrane, alpha=1 / threshold, out=room)
        return torch.tanh(sliding) if room is None else tanh_(sliding)
    if kind == "linear_falling":
        return torch.add(offset, membrane, alpha=-1 / threshold, out=room)
    if kind == "tanh":
        scaled = torch.div(membrane, threshold, out=room)
        return torch.tanh(scaled) + offset if room is None else tanh_(scaled).add_(offset)
    if kind == "sigmoid":
        return torch.add(torch.sigmoid(membrane / threshold - 1), offset, out=room)
    return torch.add(spikes, offset, out=room)


def tanh_(values: Tensor) -> Tensor:
    """tanh in place, without a graph. On a CPU by NumPy: torch leaves it to Intel's library, which takes ten
    times as long on other processors."""
    if values.device.type != "cpu" or values.dtype not in (torch.float32, torch.float64):
        return values.tanh_()
    array = values.numpy()
    np.tanh(array, out=array)
    return values


def post_adjoint(
    kind: str, gradient: Tensor, post: Tensor, offset: Tensor
) -> tuple[Tensor | None, Tensor | None, Tensor]:
    """From the gradient of g, (B, m), those of u/v_th (or None), of s (or None) and of the offset, (m,)."""
    if kind == "spike":
        return None, gradient, gradient.sum(0)
    if kind == "tanh_sliding":
        inner = torch.ops.aten.tanh_backward(gradient, post)
        return inner, None, -inner.sum(0)
    if kind == "linear_falling":
        return -gradient, None, gradient.sum(0)
    slope = torch.ops.aten.tanh_backward if kind == "tanh" else torch.ops.aten.sigmoid_backward
    return slope(gradient, post - offset), None, gradient.sum(0)


def post_ceiling(kind: str, offset: Tensor) -> float:
    """An upper bound of abs(g): 1, plus the largest offset where it is added; none where g has none."""
    if kind == "linear_falling":
        return math.inf
    return 1.0 if kind == "tanh_sliding" else 1.0 + float(offset.detach().abs().max())


def update_shared(trace: Tensor, pre: Tensor, post: Tensor, decay: float, bound: float) -> Tensor:
    """One step of the shared trace, (n, m), from r ∘ x, (B, n), and g, (B, m).

    The mean over the batch of the outer products is one matrix product: no (B, n, m) tensor is made.
    """
    return torch.addmm(trace, pre.T, post, beta=decay, alpha=1 / pre.shape[0]).clamp(-bound, bound)


def update_own(trace: Tensor, pre: Tensor, post: Tensor, decay: float, bound: float) -> Tensor:
    """One step of a trace for each sample, (B, n, m), with the whole tensor in memory."""
    return torch.baddbmm(trace, pre.unsqueeze(2), post.unsqueeze(1), beta=decay).clamp(-bound, bound)


def ceiling(start: float, increment: float, scales: Sequence[float], decay: float) -> tuple[float, float]:
    """Upper bounds of abs(P): over a window that starts at `start` and adds scales[t] · increment at step t,
    and after it.

    Where the first stays below the clamp, the clamp cannot bind and the trace is linear in its increments.
    """
    highest = start
    for scale in scales:
        start = decay * start + scale * increment
        highest = max(highest, start)
    return highest, start

"""The shared Hebbian trace of the `release` dialect.

The authors' released code keeps one trace P per layer, (n, m), averaged over the batch:

    P ← clamp(λ P + mean_b (β ∘ x_b) g_b^T, ±bound),   g = tanh(u / v_th − η)

Wu et al., Nat. Commun. 13:65 (2022), Eqs. 4 and 8, as released (not as printed: there the trace is per
sample, the post factor ρ(u) + β, and nothing is clamped).
"""

import torch
from torch import Tensor


def post_factor(membrane: Tensor, threshold: float, sliding: Tensor) -> Tensor:
    """g = tanh(u / v_th − η): (B, m) in (−1, 1); `sliding` is η, (m,)."""
    return torch.tanh(membrane / threshold - sliding)


def update_trace(trace: Tensor, pre: Tensor, post: Tensor, decay: float, bound: float) -> Tensor:
    """One step of the trace, (n, m).

    `pre` is β ∘ x, (B, n); `post` is g, (B, m). The mean over the batch of the outer products is one
    matrix product, so no (B, n, m) tensor is made.
    """
    return torch.addmm(trace, pre.T, post, beta=decay, alpha=1 / pre.shape[0]).clamp(-bound, bound)


def trace_ceiling(trace: Tensor, pre: Tensor, scales: list[float], decay: float) -> float:
    """An upper bound of abs(P) over a window whose step t sees `scales[t]` · x; `pre` is β ∘ x, (B, n).

    abs(g) < 1, so step t adds at most scales[t] · max_j mean_b abs(β_j x_bj) to any entry. Where this
    stays below the clamp, the clamp cannot bind and the trace is linear in its increments.
    """
    ceiling = float(trace.abs().max())
    step = float(pre.abs().mean(0).max())
    highest = ceiling
    for scale in scales:
        ceiling = decay * ceiling + scale * step
        highest = max(highest, ceiling)
    return highest

"""Products with a matrix of which only the entries under a mask are not 0.

With V the matrix (m, n) that has `entries` (K,) under the mask and 0 elsewhere:

    spread    (x, V) -> x V^T                        (N, n) to (N, m)
    gathered  (g, x) -> the entries of g^T x, (K,)   of (N, m) and (N, n)

The gradients of each are the other, so both can be differentiated as often as wanted.
"""

import warnings
from typing import Any

import torch
from torch import Tensor

from hpbench.spiking.multitask.mask import Mask


def spread(inputs: Tensor, entries: Tensor, mask: Mask) -> Tensor:
    """x V^T, (N, m), of inputs x (N, n)."""
    result: Tensor = _Spread.apply(inputs, entries, mask)
    return result


def gathered(outputs: Tensor, inputs: Tensor, mask: Mask) -> Tensor:
    """Σ_b g_bi x_bj at the places (i, j) of the mask, (K,), of g (N, m) and x (N, n)."""
    result: Tensor = _Gathered.apply(outputs, inputs, mask)
    return result


def masked(inputs: Tensor, weight: Tensor, mask: Mask | None) -> Tensor:
    """(W ∘ M) x, (N, m), of inputs x (N, n) and weights (m, n); without a mask W x."""
    return inputs @ weight.T if mask is None else spread(inputs, mask.of(weight), mask)


def fan_out(weight: Tensor, mask: Mask | None) -> Tensor:
    """How many weights each input meets, (n,)."""
    outputs, inputs = weight.shape
    return torch.full((inputs,), outputs, device=weight.device) if mask is None else mask.turned.ends.diff()


class _Spread(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, inputs: Tensor, entries: Tensor, mask: Mask) -> Tensor:  # type: ignore[override]
        ctx.mask = mask
        ctx.save_for_backward(inputs, entries)
        # Sparse times dense, both row by row, is ten times quicker than any other order.
        return (_compressed(entries, mask) @ inputs.T.contiguous()).T

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        (inputs, entries), mask = ctx.saved_tensors, ctx.mask
        to_inputs = spread(gradient, entries[mask.order], mask.turned) if ctx.needs_input_grad[0] else None
        to_entries = gathered(gradient, inputs, mask) if ctx.needs_input_grad[1] else None
        return to_inputs, to_entries, None


class _Gathered(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, outputs: Tensor, inputs: Tensor, mask: Mask) -> Tensor:  # type: ignore[override]
        ctx.mask = mask
        ctx.save_for_backward(outputs, inputs)
        zeros = outputs.new_zeros(len(mask.columns))
        places = _compressed(zeros, mask)
        return torch.sparse.sampled_addmm(
            places, outputs.T.contiguous(), inputs.contiguous(), beta=0
        ).values()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        (outputs, inputs), mask = ctx.saved_tensors, ctx.mask
        to_outputs = spread(inputs, gradient, mask) if ctx.needs_input_grad[0] else None
        to_inputs = spread(outputs, gradient[mask.order], mask.turned) if ctx.needs_input_grad[1] else None
        return to_outputs, to_inputs, None


def _compressed(entries: Tensor, mask: Mask) -> Tensor:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(mask.ends, mask.columns, entries, mask.shape, check_invariants=False)

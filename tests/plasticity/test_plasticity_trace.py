"""Post factors against their formulas, one number at a time, and their adjoints against autograd."""

import math

import pytest
import torch

from hpbench.plasticity.choices import POST_FACTORS
from hpbench.plasticity.trace import post_adjoint, post_ceiling, post_factor

THRESHOLD = 0.4


def literal(kind: str, u: float, s: float, offset: float) -> float:
    ratio = u / THRESHOLD
    return {
        "tanh_sliding": math.tanh(ratio - offset),
        "tanh": math.tanh(ratio) + offset,
        "sigmoid": 1 / (1 + math.exp(1 - ratio)) + offset,
        "spike": s + offset,
        "linear_falling": offset - ratio,
    }[kind]


@pytest.mark.parametrize("kind", POST_FACTORS)
def test_a_post_factor_is_its_formula_and_its_adjoint_is_autograds(kind: str) -> None:
    torch.manual_seed(0)
    membrane = torch.randn(3, 4, dtype=torch.double, requires_grad=True)
    spikes = (membrane.detach() > THRESHOLD).double().requires_grad_()
    offset = torch.randn(4, dtype=torch.double, requires_grad=True)
    found = post_factor(kind, membrane, spikes, THRESHOLD, offset)
    for b in range(3):
        for i in range(4):
            one = [float(x.detach()) for x in (membrane[b, i], spikes[b, i], offset[i])]
            assert float(found[b, i].detach()) == pytest.approx(literal(kind, *one))
    assert float(found.detach().abs().max()) <= post_ceiling(kind, offset)
    seen = torch.randn(3, 4, dtype=torch.double)
    inner, fired, moved = post_adjoint(kind, seen, found.detach(), offset.detach())
    theirs = torch.autograd.grad(found, (membrane, spikes, offset), seen, allow_unused=True)
    for mine, other in zip(
        (inner if inner is None else inner / THRESHOLD, fired, moved), theirs, strict=True
    ):
        assert (mine is None) is (other is None)
        if mine is not None:
            torch.testing.assert_close(mine, other)

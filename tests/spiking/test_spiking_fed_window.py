"""Neurons fed by W x and a bias against the steps that autograd records; means over squares of places."""

import pytest
import torch
from torch.nn.functional import avg_pool2d

from hpbench.spiking.fed_window import _currents, fed
from hpbench.spiking.fired_window import recorded
from hpbench.spiking.fused.library import plain_form
from hpbench.spiking.parameters import PAPER, RELEASE, HybridParameters
from hpbench.spiking.pooling import means

DIALECTS = pytest.mark.parametrize("p", [RELEASE, PAPER, PAPER._replace(surrogate="arctan")])
STATIC = pytest.mark.parametrize("static", [True, False])
STEPS = 6


def drawn(static: bool) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    ahead = torch.randn(*(() if static else (STEPS,)), 300, 40, dtype=torch.float64, requires_grad=True)
    return ahead, torch.randn(40, dtype=torch.float64, requires_grad=True)


@DIALECTS
@STATIC
def test_spikes_and_gradients_are_those_of_the_recorded_steps(p: HybridParameters, static: bool) -> None:
    given = drawn(static)
    seen = torch.randn(STEPS, 300, 40, dtype=torch.float64)
    ours, theirs = fed(*given, STEPS, p), recorded(_currents(*given, STEPS, p), STEPS, p)
    with plain_form():
        plain = fed(*given, STEPS, p)
    assert 0 < float(ours.detach().mean()) < 1
    assert torch.equal(ours, theirs) and torch.equal(plain, theirs)
    found = [torch.autograd.grad((one * seen).sum(), given) for one in (ours, plain, theirs)]
    for one in found[:2]:
        torch.testing.assert_close(one, found[2])


def test_second_derivatives_are_those_of_the_recorded_steps() -> None:
    p = PAPER._replace(surrogate="arctan")
    given = drawn(static=False)
    seen = torch.randn(STEPS, 300, 40, dtype=torch.float64)
    found = []
    for spikes in (fed(*given, STEPS, p), recorded(_currents(*given, STEPS, p), STEPS, p)):
        first = torch.autograd.grad((spikes * seen).sum(), given, create_graph=True)
        found.append(torch.autograd.grad(sum(one.square().sum() for one in first), given))
    assert float(found[0][0].abs().max()) > 0
    torch.testing.assert_close(*found)


@pytest.mark.parametrize(("height", "width", "side"), [(8, 8, 2), (7, 9, 2), (9, 7, 3), (5, 5, 5)])
def test_means_are_torchs_and_so_are_their_gradients(height: int, width: int, side: int) -> None:
    torch.manual_seed(0)
    values = torch.randn(3, 4, height, width, dtype=torch.float64, requires_grad=True)
    assert torch.equal(means(values, side), avg_pool2d(values, side))
    assert torch.autograd.gradcheck(lambda one: means(one, side), values)
    assert torch.autograd.gradgradcheck(lambda one: means(one, side).square(), values)
    (found,) = torch.autograd.grad(means(values, side).square().sum(), values)
    (expected,) = torch.autograd.grad(avg_pool2d(values, side).square().sum(), values)
    torch.testing.assert_close(found, expected)

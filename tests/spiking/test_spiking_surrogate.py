"""Surrogates: the spike forward, each formula backward, and a whole cell checked through the smooth step."""

import math

import pytest
import torch
from norse.torch.functional.superspike import super_fn
from norse.torch.functional.threshold import triangle_fn
from smooth import SMOOTH, add_smooth, smooth_step
from torch.func import functional_call

from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.parameters import DIALECTS
from hpbench.spiking.surrogate import SURROGATES, rectangular
from hpbench.spiking.window import Window

FORMULAS = {
    "rectangular": lambda x: 1.0 if abs(x) < 0.5 else 0.0,
    "superspike": lambda x: 1 / (abs(x) + 1) ** 2,
    "superspike_corrected": lambda x: 1 / (100 * abs(x) + 1) ** 2,
    "triangular": lambda x: max(0.0, 1 - abs(x)),
    "arctan": lambda x: 1 / (1 + (math.pi * x) ** 2),
    "sigmoid": lambda x: 4 * math.exp(-4 * x) / (1 + math.exp(-4 * x)) ** 2,
    "exponential": lambda x: math.exp(-abs(x)),
}


def backward(name: str, distance: torch.Tensor) -> torch.Tensor:
    leaf = distance.clone().requires_grad_()
    SURROGATES[name](leaf).sum().backward()
    return leaf.grad


def test_every_surrogate_has_its_formula_here_and_its_own_name() -> None:
    assert set(FORMULAS) == set(SURROGATES)
    assert all(name == one.name and one.formula for name, one in SURROGATES.items())


@pytest.mark.parametrize("name", SURROGATES)
def test_forward_is_the_step_which_is_0_at_0(name: str) -> None:
    distance = torch.tensor([-2.0, -1e-6, 0.0, 1e-6, 2.0])
    spikes = SURROGATES[name](distance)
    assert spikes.tolist() == [0, 0, 0, 1, 1]
    assert SURROGATES[name](distance.to(torch.bfloat16)).dtype is torch.bfloat16


@pytest.mark.parametrize("name", SURROGATES)
def test_backward_is_the_formula_times_what_comes_in(name: str) -> None:
    distance = torch.tensor([-3.0, -0.9, -0.51, -0.49, -0.01, 0.0, 0.02, 0.3, 0.7, 4.0], dtype=torch.double)
    expected = torch.tensor([FORMULAS[name](float(x)) for x in distance], dtype=torch.double)
    assert torch.allclose(backward(name, distance), expected, rtol=1e-12, atol=1e-15)
    leaf = distance.clone().requires_grad_()
    (SURROGATES[name](leaf) * torch.arange(10)).sum().backward()
    assert torch.allclose(leaf.grad, expected * torch.arange(10), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", [name for name in SURROGATES if name != "rectangular"])
def test_second_derivative_is_that_of_the_formula(name: str) -> None:
    distance = torch.tensor([-0.7, -0.2, 0.1, 0.6], dtype=torch.double, requires_grad=True)
    (first,) = torch.autograd.grad(SURROGATES[name](distance).sum(), distance, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), distance)
    step = 1e-6
    expected = [(FORMULAS[name](x + step) - FORMULAS[name](x - step)) / (2 * step) for x in distance.tolist()]
    assert torch.allclose(second, torch.tensor(expected, dtype=torch.double), rtol=1e-6, atol=1e-8)


def test_equal_to_norse_where_norse_has_them() -> None:
    distance = torch.linspace(-2, 2, 41)
    for name, norse in (("superspike", super_fn), ("triangular", lambda x: triangle_fn(x, 1.0))):
        leaf = distance.clone().requires_grad_()
        spikes = norse(leaf)
        spikes.sum().backward()
        assert torch.equal(SURROGATES[name](distance), spikes)
        assert torch.allclose(backward(name, distance), leaf.grad)


def test_norse_released_and_corrected_superspike_are_told_apart() -> None:
    distance = torch.tensor([0.1])
    assert backward("superspike", distance).item() == pytest.approx(1 / 1.1**2)
    assert backward("superspike_corrected", distance).item() == pytest.approx(1 / 11**2)


def test_rectangular_keeps_its_name_as_a_function() -> None:
    assert rectangular is SURROGATES["rectangular"]


def test_smooth_step_has_the_sigmoid_surrogate_as_its_true_gradient() -> None:
    distance = torch.linspace(-2, 2, 21, dtype=torch.double, requires_grad=True)
    (gradient,) = torch.autograd.grad(smooth_step(distance).sum(), distance)
    assert torch.allclose(gradient, backward("sigmoid", distance.detach()))
    assert torch.autograd.gradcheck(smooth_step, (distance,))


def test_smooth_surrogate_agrees_with_itself_in_first_and_second_order() -> None:
    distance = torch.linspace(-1, 1, 7, dtype=torch.double, requires_grad=True)
    assert torch.equal(SMOOTH(distance), smooth_step(distance))
    assert torch.autograd.gradcheck(SMOOTH, (distance,)) and torch.autograd.gradgradcheck(SMOOTH, (distance,))


@pytest.mark.parametrize("static", [True, False])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_gradients_of_a_whole_hp_window_by_finite_differences(
    dialect: str, static: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_smooth(monkeypatch)
    torch.manual_seed(3)
    layer = HybridWindow(HybridCell(4, 3, DIALECTS[dialect]._replace(surrogate="smooth"))).double()
    with torch.no_grad():
        for one in layer.cell.theta():
            one.mul_(60)
        for one in layer.buffers():
            one.normal_(std=0.3)
    buffers = {name: one.clone() for name, one in layer.named_buffers()}
    values = torch.rand(2, 4, dtype=torch.double) if static else torch.rand(4, 2, 4, dtype=torch.double)
    names, parameters = zip(*layer.named_parameters(), strict=True)

    def window(x: torch.Tensor, *tensors: torch.Tensor) -> torch.Tensor:
        replaced = {**dict(zip(names, tensors, strict=True)), **buffers}
        return functional_call(layer, replaced, (Window(x, 4 if static else 0),)).spikes

    leaves = [one.detach().clone().requires_grad_() for one in (values, *parameters)]
    assert torch.autograd.gradcheck(window, leaves, atol=1e-7, rtol=1e-5)
    assert torch.autograd.gradgradcheck(window, leaves, atol=1e-6, rtol=1e-4)

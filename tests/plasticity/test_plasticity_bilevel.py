"""Eq. 10: each variant against its analytic value, an HP layer against differences of the whole objective."""

import copy
import gc

import pytest
import torch
from smooth import add_smooth
from torch import Tensor
from torch.nn import Module, Parameter

from hpbench.core.errors import InputError
from hpbench.plasticity.bilevel import (
    BilevelSettings,
    Hypergradient,
    Objective,
    StreamBilevel,
    hypergradient,
    split,
    write_gradients,
)
from hpbench.plasticity.choices import VARIANTS
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.hybrid import window as hybrid_window
from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.parameters import RELEASE
from hpbench.spiking.window import Window

RATE = 0.3


class Quadratic(Module):
    """w (3,) and θ (2,), given to the loss as they are; the buffer counts calls."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.w = Parameter(torch.randn(3, dtype=torch.double))
        self.theta = Parameter(torch.randn(2, dtype=torch.double))
        self.register_buffer("calls", torch.zeros((), dtype=torch.double))

    def forward(self, matrix: Tensor) -> tuple[Tensor, Tensor]:
        self.calls += 1  # in place, which would reach the module's buffer if that were handed over
        return matrix @ self.w, self.theta


A = torch.tensor([[1.0, 0.5, 0.0], [-0.3, 1.2, 0.4], [0.2, 0.0, 0.9]], dtype=torch.double)
B = torch.tensor([[0.7, -0.2], [0.1, 1.1], [-0.5, 0.6]], dtype=torch.double)
C = torch.tensor([1.0, -2.0, 0.5], dtype=torch.double)
D = torch.tensor([[0.4, 0.0, -0.8], [0.3, 0.9, 0.1]], dtype=torch.double)


def training_loss(outputs: tuple[Tensor, Tensor], targets: None) -> Tensor:
    """½ ‖A w − B θ‖²."""
    moved, theta = outputs
    return (moved - B @ theta).square().sum() / 2


def validation_loss(outputs: tuple[Tensor, Tensor], targets: None) -> Tensor:
    """½ ‖w − c‖² + ½ ‖θ‖² + θ^T D w."""
    w, theta = outputs
    return (w - C).square().sum() / 2 + theta.square().sum() / 2 + theta @ D @ w


def analytic(module: Quadratic) -> dict[str, Tensor]:
    w, theta = module.w.detach(), module.theta.detach()
    moved = w - RATE * A.T @ (A @ w - B @ theta)
    partial = theta + D @ moved
    total = partial + RATE * B.T @ A @ (moved - C + D.T @ theta)  # dw'/dθ = ξ A^T B
    return {
        "no_inner": theta + D @ w,
        "stop_gradient": partial,
        "exact": total,
        "finite_difference": total,  # C_train is quadratic: a central difference of it is exact
    }


def on_quadratic(module: Quadratic, variant: str, **settings: float) -> Hypergradient:
    how = BilevelSettings(variant, **{"step_size": RATE, **settings})
    training = Objective(A, None, training_loss)
    validation = Objective(torch.eye(3, dtype=torch.double), None, validation_loss)
    return hypergradient(module, split(module, [module.theta]), training, validation, how)


@pytest.mark.parametrize("variant", VARIANTS)
def test_quadratic_problem_has_its_analytic_gradient(variant: str) -> None:
    module = Quadratic()
    found = on_quadratic(module, variant)
    assert set(found) == {"theta"}
    assert torch.allclose(found["theta"], analytic(module)[variant], rtol=1e-9)


def test_the_analytic_values_tell_the_variants_apart() -> None:
    values = analytic(Quadratic())
    for one, other in (("no_inner", "stop_gradient"), ("no_inner", "exact"), ("stop_gradient", "exact")):
        assert (values[one] - values[other]).abs().min() > 0.01


def test_without_an_inner_step_all_variants_are_no_inner() -> None:
    module = Quadratic()
    for variant in VARIANTS:
        found = on_quadratic(module, variant, step_size=0.0)
        assert torch.allclose(found["theta"], analytic(module)["no_inner"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_module_is_left_as_it_was(variant: str) -> None:
    module = Quadratic()
    before, buffer = copy.deepcopy(module.state_dict()), module.calls
    on_quadratic(module, variant)
    assert module.calls is buffer
    assert all(torch.equal(before[name], one) for name, one in module.state_dict().items())
    assert module.w.grad is None and module.theta.grad is None


def test_gradients_are_written_for_theta_only_and_can_be_summed_over_tasks() -> None:
    module = Quadratic()
    parts, found = split(module, [module.theta]), on_quadratic(module, "exact")
    module.theta.grad = torch.ones(2, dtype=torch.double)
    write_gradients(parts, found)
    assert torch.equal(module.theta.grad, found["theta"]) and module.w.grad is None
    write_gradients(parts, found, add=True)
    assert torch.equal(module.theta.grad, 2 * found["theta"])
    before = module.theta.detach().clone()
    torch.optim.SGD([module.theta], lr=0.1).step()
    assert torch.allclose(module.theta, before - 0.2 * found["theta"])


def test_a_validation_loss_that_weights_do_not_reach_gives_no_nan() -> None:
    module = Quadratic()
    flat = Objective(torch.eye(3, dtype=torch.double), None, lambda outputs, _: outputs[1].sum())
    unreached = Objective(torch.eye(3, dtype=torch.double), None, lambda outputs, _: outputs[0].sum())
    parts, training = split(module, [module.theta]), Objective(A, None, training_loss)
    how = BilevelSettings("finite_difference", RATE)
    assert hypergradient(module, parts, training, flat, how)["theta"].tolist() == [1, 1]
    how = BilevelSettings("no_inner", RATE)
    assert hypergradient(module, parts, training, unreached, how)["theta"].tolist() == [0, 0]


class Noisy(Module):
    """y = w (θ x + noise), new noise at every call."""

    def __init__(self) -> None:
        super().__init__()
        self.w, self.theta = Parameter(torch.tensor(0.7)), Parameter(torch.tensor(0.4))

    def forward(self, x: Tensor) -> Tensor:
        return self.w * (self.theta * x + torch.randn_like(x))


def test_random_draws_are_common_to_both_sides_of_the_difference() -> None:
    module, x = Noisy().double(), torch.linspace(-1, 1, 8, dtype=torch.double)

    def square(outputs: Tensor, targets: Tensor) -> Tensor:
        return (outputs - targets).square().mean()

    found, after = {}, []
    for variant in ("exact", "finite_difference"):
        torch.manual_seed(5)
        how = BilevelSettings(variant, RATE, 1e-4)
        one = Objective(x, x, square)
        found[variant] = hypergradient(module, split(module, [module.theta]), one, one, how)
        after.append(torch.rand(()))
    assert torch.allclose(found["exact"]["theta"], found["finite_difference"]["theta"], rtol=1e-6)
    assert torch.equal(*after)


def hp_layer() -> HybridWindow:
    torch.manual_seed(1)
    layer = HybridWindow(HybridCell(5, 3, RELEASE._replace(surrogate="smooth"))).double()
    with torch.no_grad():
        layer.trace.normal_(std=0.3)
        for one in layer.cell.theta():
            one.mul_(40)
    return layer


def apart(one: Tensor, other: Tensor) -> float:
    """Largest difference, as a share of the largest entry of the first."""
    return float((one - other).abs().max() / one.abs().max())


def hp_loss(outputs: hybrid_window.Response, targets: Tensor) -> Tensor:
    return (outputs.spikes.mean(0) - targets).square().sum()


def composite(layer: HybridWindow, training: Objective, validation: Objective, rate: float) -> Tensor:
    """C_val after a step of w on C_train, by the plainest means: copies, backward, a step by hand."""
    first, second = copy.deepcopy(layer), copy.deepcopy(layer)
    training.loss(first(training.inputs), training.targets).backward()
    with torch.no_grad():
        for weight, twin in zip(second.cell.linear.parameters(), first.cell.linear.parameters(), strict=True):
            weight -= rate * twin.grad
        return validation.loss(second(validation.inputs), validation.targets)


@pytest.mark.parametrize("static", [True, False])
def test_exact_on_an_hp_layer_is_the_slope_of_the_composite_objective(
    static: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_smooth(monkeypatch)
    layer, rate, width = hp_layer(), 0.5, 1e-5
    training, validation = (
        Objective(
            Window(0.5 * torch.rand(*(() if static else (4,)), 6, 5, dtype=torch.double), 4 if static else 0),
            torch.rand(6, 3, dtype=torch.double),
            hp_loss,
        )
        for _ in range(2)
    )
    parts = split(layer, layer.cell.theta())
    found = {
        variant: hypergradient(layer, parts, training, validation, BilevelSettings(variant, rate, 1e-4))
        for variant in VARIANTS
    }
    for name, parameter in parts.theta.items():
        flat, slopes = parameter.data.view(-1), []
        for place in range(len(flat)):
            sides = []
            for side in (width, -width):
                flat[place] += side
                sides.append(composite(layer, training, validation, rate))
                flat[place] -= side
            slopes.append((sides[0] - sides[1]) / (2 * width))
        expected = torch.stack(slopes).view_as(parameter)
        exact = found["exact"][name]
        assert expected.abs().max() > 1e-3
        assert apart(expected, exact) < 1e-6, name
        assert apart(expected, found["finite_difference"][name]) < 1e-6, name
        for other in ("stop_gradient", "no_inner"):
            assert apart(expected, found[other][name]) > 1e-2, (name, other)


def network(learner: str = "hp", encoding: str = "direct") -> SpikingNetwork:
    torch.manual_seed(0)
    return SpikingNetwork([8, 10, 3], Encoder(encoding, 5, 500.0), learner, RELEASE)


def error(outputs: Tensor, targets: Tensor) -> Tensor:
    return torch.nn.functional.mse_loss(outputs, targets)


def batches(number: int) -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(7)
    return [(torch.rand(6, 8, generator=generator), torch.eye(3)[torch.arange(6) % 3]) for _ in range(number)]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("learner", ["hp", "lp"])
def test_along_a_stream_theta_moves_with_w_and_the_trace_is_carried_by_w_only(
    variant: str, learner: str
) -> None:
    net = network(learner, "poisson")
    bilevel = StreamBilevel(net, net.theta(), error, BilevelSettings(variant, 0.1))
    upper = torch.optim.Adam(bilevel.parts.theta.values(), lr=1e-3)
    lower = torch.optim.Adam(bilevel.parts.weights.values(), lr=1e-3)
    for number, (inputs, targets) in enumerate(batches(4)):
        state = copy.deepcopy(net.state_dict())
        found = bilevel.observe(inputs, targets)
        assert (found is None) is (number == 0)
        assert all(torch.equal(state[name], one) for name, one in net.state_dict().items())
        assert all(one.grad is None or not one.grad.any() for one in bilevel.parts.weights.values())
        upper.step()
        moved = [not torch.equal(state[name], one) for name, one in bilevel.parts.theta.items()]
        assert any(moved) is (number > 0)
        net.zero_grad()
        error(net(inputs), targets).backward()
        lower.step()
        net.zero_grad()
        assert not torch.equal(state["layers.0.trace"], net.layers[0].trace)


def test_previous_pairs_the_batch_before_with_the_present_one_until_told_to_forget() -> None:
    net, seen = network(), []

    def recording(outputs: Tensor, targets: Tensor) -> Tensor:
        seen.append(targets)
        return error(outputs, targets)

    bilevel = StreamBilevel(net, net.theta(), recording, BilevelSettings("stop_gradient"))
    (first, one), (second, two), (third, three) = batches(3)
    one, two, three = one + 1, two + 2, three + 3
    net.layers[0].cell.alpha.grad = torch.ones(())
    assert bilevel.observe(first, one) is None and net.layers[0].cell.alpha.grad is None
    assert bilevel.memory_samples == 6
    bilevel.observe(second, two)
    assert [float(targets.min()) for targets in seen] == [1, 2]
    bilevel.forget()
    assert bilevel.memory_samples == 0
    assert bilevel.observe(third, three) is None and len(seen) == 2


def test_halves_share_no_sample_and_hold_none() -> None:
    net, seen = network(), []

    def recording(outputs: Tensor, targets: Tensor) -> Tensor:
        seen.append(targets[:, 0].tolist())
        return error(outputs, targets)

    how = BilevelSettings("stop_gradient", pairing="halves")
    bilevel = StreamBilevel(net, net.theta(), recording, how)
    numbers = torch.arange(5.0)[:, None].expand(5, 3)
    assert bilevel.observe(torch.rand(5, 8), numbers) is not None
    assert seen == [[0, 2, 4], [1, 3]] and bilevel.memory_samples == 0
    assert bilevel.observe(torch.rand(1, 8), numbers[:1]) is None


@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_piles_up_over_batches(variant: str) -> None:
    net = network()
    bilevel = StreamBilevel(net, net.theta(), error, BilevelSettings(variant))

    def alive() -> int:
        return sum(
            isinstance(one, Tensor) or type(one).__name__.endswith("Backward") for one in gc.get_objects()
        )

    stream, counts = batches(12), {}
    gc.collect()
    gc.disable()  # what only the collector would free counts as a leak
    try:
        for number, (inputs, targets) in enumerate(stream):
            bilevel.observe(inputs, targets)
            if number in (2, 11):
                counts[number] = alive()
    finally:
        gc.enable()
    assert counts[2] == counts[11]


def test_bad_input_is_named() -> None:
    module = Quadratic()
    with pytest.raises(InputError, match=r"bilevel\.variant=exakt.*'exact'"):
        on_quadratic(module, "exakt")
    with pytest.raises(InputError, match=r"bilevel\.step_size"):
        on_quadratic(module, "exact", step_size=-1.0)
    with pytest.raises(InputError, match=r"bilevel\.difference"):
        on_quadratic(module, "exact", difference=0.0)
    with pytest.raises(InputError, match=r"bilevel\.pairing"):
        StreamBilevel(module, [module.theta], training_loss, BilevelSettings(pairing="none"))
    with pytest.raises(InputError, match="0 of them are trainable, 1 do not"):
        split(module, [Parameter(torch.zeros(()))])
    with pytest.raises(InputError, match="0 of them are trainable, 0 do not"):
        split(module.requires_grad_(False), [module.theta])
    vector = Objective(A, None, lambda outputs, _: outputs[0])
    module.requires_grad_(True)
    with pytest.raises(InputError, match=r"scalar, not of shape \(3,\)"):
        hypergradient(module, split(module, [module.theta]), vector, vector, BilevelSettings())

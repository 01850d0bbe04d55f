"""The whole-window forms equal the equations written out, gradients and carried trace included."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from literal import literal_window

from hpbench.spiking.hybrid_cell import HybridCell, HybridParameters
from hpbench.spiking.hybrid_window import HybridWindow, Window

TOLERANCE = 1e-6


def make(inputs: int, neurons: int, seed: int, p: HybridParameters, *, loud: float = 30.0) -> HybridWindow:
    """A layer in double precision whose local path matters: θ is `loud` times its usual size."""
    torch.manual_seed(seed)
    cell = HybridCell(inputs, neurons, p)
    layer = HybridWindow(cell).double()
    with torch.no_grad():
        for parameter in cell.theta():
            parameter.mul_(loud)
        layer.trace = torch.randn(inputs, neurons, dtype=torch.double) * 0.1
    return layer


def close(ours: torch.Tensor, literal: torch.Tensor) -> bool:
    scale = literal.abs().max().clamp_min(1e-12)
    return bool((ours - literal).abs().max() <= TOLERANCE * scale)


def gradient(parameter: torch.nn.Parameter) -> torch.Tensor:
    """A copy; zero where nothing reached it (with one step, nothing is read from the trace)."""
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.clone()


def compare(layer: HybridWindow, window: Window, inputs: torch.Tensor) -> None:
    before = layer.trace.clone()
    values = window.values.requires_grad_()
    ours = layer(Window(values, window.static_steps))
    weights = torch.randn_like(ours.spikes)
    ((ours.spikes * weights).sum() + ours.membrane.pow(2).sum()).backward()
    gradients = {name: gradient(one) for name, one in layer.cell.named_parameters()}
    ours_input = values.grad.clone()
    layer.zero_grad()
    leaf = inputs.detach().requires_grad_()
    spikes, membrane, trace = literal_window(layer.cell, leaf, before)
    ((spikes * weights).sum() + membrane.pow(2).sum()).backward()
    assert torch.equal(ours.spikes, spikes)
    assert close(ours.membrane, membrane)
    assert close(layer.trace, trace)
    for name, parameter in layer.cell.named_parameters():
        assert close(gradients[name], gradient(parameter)), name
    literal_input = leaf.grad.sum(0) if window.static_steps else leaf.grad
    assert close(ours_input, literal_input)


shapes = st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 7), st.integers(1, 12))
decays = st.tuples(st.floats(0.1, 0.9), st.floats(0.5, 1.0), st.floats(2.0, 80.0))


@settings(max_examples=60, deadline=None)
@given(shapes, decays, st.integers(0, 10_000), st.booleans())
def test_equals_the_equations(
    shape: tuple[int, ...], decay: tuple[float, ...], seed: int, static: bool
) -> None:
    batch, inputs, neurons, steps = shape
    p = HybridParameters(membrane_decay=decay[0], trace_decay=decay[1], weight_time_constant=decay[2])
    layer = make(inputs, neurons, seed, p)
    if static:
        values = torch.rand(batch, inputs, dtype=torch.double)
        compare(layer, Window(values, steps), values.expand(steps, *values.shape))
    else:
        values = (torch.rand(steps, batch, inputs) < 0.4).double()
        compare(layer, Window(values), values)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.floats(0.01, 0.2))
def test_equals_the_equations_where_the_clamp_binds(seed: int, static: bool, bound: float) -> None:
    layer = make(6, 5, seed, HybridParameters(trace_bound=bound), loud=200)
    values = torch.rand(4, 6, dtype=torch.double)
    window = Window(values, 8) if static else Window(values.expand(8, 4, 6).clone())
    compare(layer, window, values.expand(8, 4, 6))
    assert bool((layer.trace.abs() <= bound).all())


def test_kernel_form_is_taken_only_where_the_clamp_cannot_bind(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    for name in ("_kernel", "_direct"):
        form = getattr(HybridWindow, name)
        monkeypatch.setattr(
            HybridWindow, name, lambda *a, form=form, name=name: (taken.append(name), form(*a))[1]
        )
    window = Window(torch.rand(4, 6, dtype=torch.double), 8)
    make(6, 5, 0, HybridParameters(trace_bound=100.0))(window)
    make(6, 5, 0, HybridParameters(trace_bound=0.01))(window)
    assert taken == ["_kernel", "_direct"]


def test_trace_is_carried_over_batches_without_its_graph() -> None:
    layer = make(6, 5, 1, HybridParameters())
    trace = layer.trace.clone()
    for _ in range(3):
        values = torch.rand(4, 6, dtype=torch.double)
        layer(Window(values, 5))
        _, _, trace = literal_window(layer.cell, values.expand(5, 4, 6), trace)
        assert not layer.trace.requires_grad
    assert close(layer.trace, trace.detach())


def test_cell_steps_equal_the_equations() -> None:
    cell = make(6, 5, 2, HybridParameters()).cell
    values = torch.rand(7, 4, 6, dtype=torch.double)
    state, train = None, []
    for one in values:
        spikes, state = cell(one, state)
        train.append(spikes)
    spikes, membrane, trace = literal_window(cell, values, torch.zeros(6, 5, dtype=torch.double))
    assert torch.equal(torch.stack(train), spikes)
    assert close(state.membrane, membrane)
    assert close(state.trace, trace)


def test_without_local_path_it_is_a_leaky_integrate_and_fire_layer() -> None:
    torch.manual_seed(0)
    layer = HybridWindow(HybridCell(6, 5, local=False)).double()
    with_zero = HybridWindow(HybridCell(6, 5)).double()
    with_zero.cell.linear.load_state_dict(layer.cell.linear.state_dict())
    with torch.no_grad():
        with_zero.cell.alpha.zero_()
    window = Window(torch.rand(4, 6, dtype=torch.double), 8)
    assert torch.equal(layer(window).spikes, with_zero(window).spikes)
    assert not hasattr(layer, "trace")

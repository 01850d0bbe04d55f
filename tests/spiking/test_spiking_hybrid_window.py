"""Every form of both dialects equals the equations written out, gradients and carried trace included."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from literal import literal_paper, literal_release

from hpbench.core.errors import InputError
from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.forms.batch_gram import BatchGram
from hpbench.spiking.hybrid.forms.batch_kernel import BatchKernel
from hpbench.spiking.hybrid.forms.held import Held
from hpbench.spiking.hybrid.forms.own_gram import OwnGram
from hpbench.spiking.hybrid.forms.own_static import OwnStatic
from hpbench.spiking.hybrid.forms.stepwise import Stepwise
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.parameters import PAPER, RELEASE, HybridParameters
from hpbench.spiking.window import Window

TOLERANCE = 1e-6


def make(
    inputs: int, neurons: int, seed: int, p: HybridParameters, *, loud: float = 30.0, **options: Any
) -> HybridWindow:
    """A layer in double precision whose local path matters: θ is `loud` times its usual size."""
    torch.manual_seed(seed)
    cell = HybridCell(inputs, neurons, p, recurrent=options.pop("recurrent", False))
    layer = HybridWindow(cell, **options).double()
    with torch.no_grad():
        for parameter in cell.theta():
            parameter.mul_(loud)
        if p.trace_scope == "batch":
            layer.trace = torch.randn(inputs, neurons, dtype=torch.double) * 0.1
    return layer


def close(ours: torch.Tensor, literal: torch.Tensor) -> bool:
    scale = literal.abs().max().clamp_min(1e-9)
    return bool((ours - literal).abs().max() <= TOLERANCE * scale)


def gradient(parameter: torch.Tensor) -> torch.Tensor:
    """A copy; zero where nothing reached it (with one step, nothing is read from the trace)."""
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.clone()


def shown(batch: int, inputs: int, steps: int, *, static: bool) -> Window:
    if static:
        return Window(torch.rand(batch, inputs, dtype=torch.double), steps)
    return Window((torch.rand(steps, batch, inputs) < 0.4).double())


def compare(layer: HybridWindow, window: Window) -> None:
    cell = layer.cell
    values = window.values.clone().requires_grad_()
    release = cell.p.trace_scope == "batch"
    before = layer.trace.clone() if release else None
    ours = layer(Window(values, window.static_steps))
    weights = torch.randn_like(ours.spikes)
    ((ours.spikes * weights).sum() + ours.membranes.pow(2).sum()).backward()
    gradients = {name: gradient(one) for name, one in cell.named_parameters()}
    layer.zero_grad()
    leaf = torch.stack(window.each_step()).requires_grad_()
    if release:
        spikes, membranes, trace = literal_release(cell, leaf, before)
        assert close(layer.trace, trace.detach())
    else:
        spikes, membranes, _ = literal_paper(cell, leaf)
    ((spikes * weights).sum() + membranes.pow(2).sum()).backward()
    assert torch.equal(ours.spikes, spikes)
    assert close(ours.membranes, membranes)
    for name, parameter in cell.named_parameters():
        assert close(gradients[name], gradient(parameter)), name
    assert close(gradient(values), leaf.grad.sum(0) if window.static_steps else leaf.grad)


shapes = st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 7), st.integers(1, 12))
decays = st.tuples(st.floats(0.1, 0.9), st.floats(0.5, 1.0), st.floats(2.0, 80.0))
forms = st.sampled_from(["auto", "stepwise", "implicit"])


@settings(max_examples=40, deadline=None)
@given(shapes, decays, st.integers(0, 10_000), st.booleans(), forms)
def test_release_equals_its_equations(
    shape: tuple[int, ...], decay: tuple[float, ...], seed: int, static: bool, form: str
) -> None:
    batch, inputs, neurons, steps = shape
    p = RELEASE._replace(membrane_decay=decay[0], trace_decay=decay[1], weight_time_constant=decay[2])
    compare(make(inputs, neurons, seed, p, form=form), shown(batch, inputs, steps, static=static))


@settings(max_examples=40, deadline=None)
@given(shapes, decays, st.integers(0, 10_000), st.booleans(), forms)
def test_paper_equals_its_equations(
    shape: tuple[int, ...], decay: tuple[float, ...], seed: int, static: bool, form: str
) -> None:
    batch, inputs, neurons, steps = shape
    p = PAPER._replace(
        membrane_decay=decay[0],
        current_gain=1 - decay[0],
        trace_decay=decay[1],
        weight_time_constant=decay[2],
    )
    compare(make(inputs, neurons, seed, p, form=form), shown(batch, inputs, steps, static=static))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.floats(0.01, 0.2))
def test_release_equals_its_equations_where_the_clamp_binds(seed: int, static: bool, bound: float) -> None:
    layer = make(6, 5, seed, RELEASE._replace(trace_bound=bound), loud=200)
    compare(layer, shown(4, 6, 8, static=static))
    assert bool((layer.trace.abs() <= bound).all())


MIXED = st.builds(
    RELEASE._replace,
    reset=st.sampled_from(["subtract", "zero"]),
    current_gain=st.floats(0.2, 1.5),
    weight_decay_on=st.sampled_from(["input", "weight"]),
    trace_scope=st.sampled_from(["batch", "sample"]),
    post=st.sampled_from(["tanh_sliding", "tanh", "sigmoid", "spike", "linear_falling"]),
    gain=st.sampled_from(["layer", "neuron"]),
    trace_bound=st.sampled_from([0.02, 0.5, math.inf]),
)


@settings(max_examples=60, deadline=None)
@given(MIXED, shapes, st.integers(0, 10_000), st.booleans(), st.booleans())
def test_every_form_equals_the_cell_step_by_step_whatever_the_settings(
    p: HybridParameters, shape: tuple[int, ...], seed: int, static: bool, recurrent: bool
) -> None:
    batch, inputs, neurons, steps = shape
    layer = make(inputs, neurons, seed, p, recurrent=recurrent)
    window = shown(batch, inputs, steps, static=static)
    state = layer.cell.initial_state(window.each_step()[0])
    if p.trace_scope == "batch":
        layer.trace = layer.trace.clamp(-p.trace_bound, p.trace_bound)
        state = state._replace(trace=layer.trace)
    ours = layer(window)
    weights = torch.randn_like(ours.membranes)
    (ours.membranes * weights).sum().backward()
    gradients = {name: gradient(one) for name, one in layer.cell.named_parameters()}
    layer.zero_grad()
    all_spikes, membranes = [], []
    for values in window.each_step():
        spikes, state = layer.cell(values, state)
        all_spikes.append(spikes)
        membranes.append(state.membrane)
    (torch.stack(membranes) * weights).sum().backward()
    assert torch.equal(ours.spikes, torch.stack(all_spikes))
    assert close(ours.membranes, torch.stack(membranes))
    if p.trace_scope == "batch":
        assert close(layer.trace, state.trace.detach())
    for name, parameter in layer.cell.named_parameters():
        assert close(gradients[name], gradient(parameter)), name


@pytest.mark.parametrize(
    ("p", "static", "form"),
    [
        (RELEASE._replace(trace_bound=100.0), True, BatchKernel),
        (RELEASE._replace(trace_bound=0.01), True, Stepwise),
        (RELEASE, False, Stepwise),
        (PAPER, True, OwnStatic),
        (PAPER, False, OwnGram),
        (PAPER._replace(trace_bound=0.01), True, Stepwise),
    ],
)
def test_a_form_is_implicit_only_where_the_clamp_cannot_bind(
    p: HybridParameters, static: bool, form: type
) -> None:
    layer = make(20, 30, 0, p)
    assert layer._form(shown(4, 20, 8, static=static)) is form
    layer.form = "stepwise"
    assert layer._form(shown(4, 20, 8, static=static)) is Stepwise


def test_a_short_window_of_a_large_layer_needs_no_moved_trace() -> None:
    p = RELEASE._replace(trace_bound=100.0)
    layer = make(40, 30, 0, p)
    assert layer._form(shown(3, 40, 3, static=False)) is BatchGram
    compare(layer, shown(3, 40, 3, static=False))
    assert layer._form(shown(30, 40, 3, static=False)) is Stepwise


def test_a_long_window_of_a_small_layer_is_taken_step_by_step() -> None:
    layer = make(3, 3, 0, PAPER)
    assert layer._form(shown(2, 3, 100, static=False)) is Stepwise


def test_a_frozen_trace_is_held() -> None:
    layer = make(6, 5, 0, RELEASE).eval()
    assert layer._form(shown(4, 6, 8, static=True)) is Held


def test_trace_is_carried_over_batches_without_its_graph() -> None:
    layer = make(6, 5, 1, RELEASE)
    trace = layer.trace.clone()
    for _ in range(3):
        window = shown(4, 6, 5, static=True)
        layer(window)
        *_, trace = literal_release(layer.cell, torch.stack(window.each_step()), trace)
        assert not layer.trace.requires_grad
        assert (
            layer.trace.is_contiguous()
        )  # else products with it round otherwise once it was stored and read
    assert close(layer.trace, trace.detach())


@pytest.mark.parametrize("static", [True, False])
def test_a_trace_is_laid_out_as_once_stored_and_read(static: bool) -> None:
    """Products with another layout round otherwise."""
    layer = make(32, 10, 1, RELEASE)
    layer(shown(20, 32, 5, static=static))
    assert layer.trace.is_contiguous() and layer.trace.any()


def test_modes_and_forms_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="does not fit a trace per sample: choose sample or zero"):
        HybridWindow(HybridCell(2, 2, PAPER), "frozen")
    with pytest.raises(InputError, match="did you mean 'implicit'"):
        HybridWindow(HybridCell(2, 2), form="implict")

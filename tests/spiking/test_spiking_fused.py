"""Compiled kernels give the results of the plain form to the last bit: outputs, gradients, trainings."""

import contextlib
import copy
import itertools
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hpbench.spiking.encoder import Encoder
from hpbench.spiking.fired_window import fired
from hpbench.spiking.fused import library
from hpbench.spiking.fused.adam import Adam
from hpbench.spiking.hybrid import product
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.parameters import DIALECTS, RELEASE, HybridParameters

pytestmark = pytest.mark.skipif(
    library.library() is None or not library._rounds_alike(), reason="no compiler, or no fused multiply-adds"
)


@pytest.fixture(autouse=True)
def kernels_only_if_asked() -> Iterator[None]:
    """Compiled beforehand, so that `usable` is not waiting for work; oneDNN's products are used early."""
    before = library._State.computed, product.LARGE
    library._State.computed, product.LARGE = library.ENTRIES_BEFORE_COMPILING, 1000
    yield
    library._State.computed, product.LARGE = before


neurons = st.builds(
    RELEASE._replace,
    threshold=st.sampled_from([0.35, 1.0]),
    membrane_decay=st.sampled_from([0.0, 0.4, 1.0]),
    current_gain=st.sampled_from([1.0, 0.6]),
    reset=st.sampled_from(["subtract", "zero"]),
    surrogate=st.sampled_from([*library.SURROGATES, "sigmoid"]),
)
precisions = st.sampled_from([torch.float32, torch.float64])


@settings(max_examples=80, deadline=None)
@given(
    p=neurons,
    dtype=precisions,
    steps=st.integers(1, 7),
    held=st.booleans(),
    width=st.sampled_from([1, 7, 33, 1025]),
    alike=st.booleans(),
    seed=st.integers(0, 999),
)
def test_windows_have_the_same_spikes_and_gradients(
    p: HybridParameters, dtype: torch.dtype, steps: int, held: bool, width: int, alike: bool, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    currents = torch.randn(1 if held else steps, 3, width, generator=generator, dtype=dtype)
    currents.requires_grad_()
    pulled = torch.randn(1 if alike else steps, 3, width, generator=generator, dtype=dtype)
    results = []
    for fused in (True, False):
        with _form(fused):
            spikes = fired(currents, steps, p)
            (gradient,) = torch.autograd.grad(spikes, currents, pulled.expand_as(spikes))
        results.append((spikes, gradient))
    assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))


def test_windows_that_are_not_contiguous_have_the_same_results() -> None:
    currents = torch.randn(4, 5, 6, 3).transpose(1, 2).requires_grad_()
    pulled = torch.randn(4, 5, 6, 3).transpose(1, 2)
    results = []
    for fused in (True, False):
        with _form(fused):
            spikes = fired(currents, 4, RELEASE)
            results.append((spikes, *torch.autograd.grad(spikes, currents, pulled)))
    assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))


@settings(max_examples=25, deadline=None)
@given(
    dialect=st.sampled_from(["release", "paper"]),
    learner=st.sampled_from(["hp", "gp", "lp"]),
    changes=st.fixed_dictionaries(
        {},
        optional={
            "surrogate": st.sampled_from([*library.SURROGATES, "sigmoid"]),
            "post": st.sampled_from(["tanh_sliding", "tanh", "sigmoid", "spike", "linear_falling"]),
            "trace_scope": st.sampled_from(["batch", "sample"]),
            "reset": st.sampled_from(["subtract", "zero"]),
            "gain": st.sampled_from(["layer", "neuron"]),
            "weight_decay_on": st.sampled_from(["input", "weight"]),
        },
    ),
    dtype=precisions,
    encoding=st.sampled_from(["direct", "poisson"]),
    recurrent=st.booleans(),
    form=st.sampled_from(["auto", "stepwise"]),
    read_out=st.sampled_from(["clipped_membrane", "membrane_mean", "rate", "first_spike"]),
    widths=st.sampled_from([[6, 5, 3], [20, 17, 10], [12, 33, 16, 4]]),
)
def test_trainings_have_the_same_weights_traces_and_scores(
    dialect: str,
    learner: str,
    changes: dict[str, str],
    dtype: torch.dtype,
    encoding: str,
    recurrent: bool,
    form: str,
    read_out: str,
    widths: list[int],
) -> None:
    torch.manual_seed(0)
    first = SpikingNetwork(
        widths,
        Encoder(encoding, 4, 1000.0),
        learner,
        DIALECTS[dialect]._replace(**changes),
        dialect=dialect,
        read_out=read_out,
        recurrent=recurrent,
        trace_form=form,
    ).to(dtype)
    results = []
    for fused in (True, False):
        network = copy.deepcopy(first)
        with _form(fused):
            results.append([*_trained(network), *network.state_dict().values()])
    assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))


def _trained(network: SpikingNetwork) -> tuple[Tensor, ...]:
    """Scores in training and at test after four steps; weights large enough for spikes."""
    torch.manual_seed(1)
    weight = next(network.parameters())
    optimizer = Adam([one for one in network.parameters() if one.requires_grad], 0.05)
    scores = []
    for _ in range(4):
        shown = torch.rand(9, network.layers[0].cell.linear.in_features, dtype=weight.dtype)
        scores.append(network(shown))
        optimizer.zero_grad()
        scores[-1].square().sum().backward()
        optimizer.step()
    with torch.no_grad():
        network.eval()
        scores += [network(shown), network(shown * 0.5)]
    return *(one.detach() for one in scores), *(_gradient(one) for one in network.parameters())


def _gradient(parameter: Tensor) -> Tensor:
    return torch.zeros(()) if parameter.grad is None else parameter.grad


@pytest.mark.parametrize("learner", ["gp", "hp"])
def test_second_derivatives_are_those_of_the_plain_form(learner: str) -> None:
    torch.manual_seed(0)
    network = SpikingNetwork([6, 5, 3], Encoder("direct", 3, 1000.0), learner).double()
    shown = torch.rand(4, 6, dtype=torch.float64)
    weights = [one for one in network.parameters() if one.ndim == 2]
    results = []
    for fused in (True, False):
        with _form(fused):
            network.layers[0].trace = torch.zeros(6, 5, dtype=torch.float64) if learner == "hp" else None
            slopes = torch.autograd.grad(network(shown).square().sum(), weights, create_graph=True)
            results.append(torch.autograd.grad(sum(one.square().sum() for one in slopes), weights))
            network.layers[1].trace = torch.zeros(5, 3, dtype=torch.float64) if learner == "hp" else None
    assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))
    assert all(one.any() for one in results[0])


def test_vmap_gives_the_results_of_a_loop() -> None:
    currents = torch.randn(5, 4, 3, 8)
    each = torch.stack([fired(one, 4, RELEASE) for one in currents])
    assert torch.equal(torch.func.vmap(lambda one: fired(one, 4, RELEASE))(currents), each)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_adam_is_that_of_torch_to_the_last_bit(dtype: torch.dtype) -> None:
    shapes = [(300, 400), (7,), (), (4, 3, 3, 3)]
    ends = []
    for make in (Adam, torch.optim.Adam):
        generator = torch.Generator().manual_seed(0)
        parameters = [torch.randn(shape, generator=generator, dtype=dtype) for shape in shapes]
        parameters[-1] = parameters[-1].to(memory_format=torch.channels_last)
        for one in parameters:
            one.requires_grad_()
        optimizer = make([{"params": parameters[:2]}, {"params": parameters[2:], "lr": 0.5}], 1e-3)
        for number in range(5):
            for one in parameters[: 4 - number % 2]:
                drawn = torch.randn(one.shape, generator=generator, dtype=dtype)
                one.grad = drawn.to(memory_format=torch.channels_last) if one.ndim == 4 else drawn
            optimizer.step()
        states = [optimizer.state[one] for one in parameters]
        ends.append([*parameters, *itertools.chain.from_iterable(state.values() for state in states)])
    assert all(torch.equal(one, other) for one, other in zip(*ends, strict=True))


def test_adam_leaves_options_that_it_does_not_know_to_torch() -> None:
    ends = []
    for make in (Adam, torch.optim.Adam):
        parameter = torch.ones(5, requires_grad=True)
        optimizer = make([parameter], 0.1, weight_decay=0.1, amsgrad=True)
        for number in range(3):
            parameter.grad = torch.full((5,), float(number))
            optimizer.step()
        ends.append(parameter)
    assert torch.equal(*ends)


def test_adam_reports_that_a_parameter_has_changed() -> None:
    parameter = torch.ones(5, requires_grad=True)
    optimizer = Adam([parameter], 0.1)
    for _ in range(2):
        kept = (parameter * parameter).sum()
        parameter.grad = torch.ones(5)
        optimizer.step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        kept.backward()


def _form(fused: bool) -> contextlib.AbstractContextManager[None]:
    return contextlib.nullcontext() if fused else library.plain_form()

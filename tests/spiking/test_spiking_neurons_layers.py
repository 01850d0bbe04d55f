"""Layers run any neuron: forward, backward, with and without a trace, and refuse what they cannot do."""

import math
from typing import Any

import pytest
import torch
from smooth import add_smooth
from test_spiking_streamed import STEPS, convolution, dense, literal
from torch import Tensor
from torch.nn.functional import one_hot

from hpbench.core.errors import InputError
from hpbench.export.nir_graph import nir_graph
from hpbench.spiking.adaptive_norm import AdaptiveNorm
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.fired_window import fired
from hpbench.spiking.fused.library import usable
from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.conv_cell import HybridConvCell
from hpbench.spiking.hybrid.conv_window import HybridConvWindow
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.neurons.neuron import Neuron
from hpbench.spiking.neurons.table import NEURONS
from hpbench.spiking.parameters import DIALECTS, PAPER, RELEASE, HybridParameters
from hpbench.spiking.window import Window

OTHERS = [kind() for name, kind in NEURONS.items() if name != "lif"]
EACH = pytest.mark.parametrize("neuron", OTHERS, ids=[one for one in NEURONS if one != "lif"])
WIDE = {"surrogate": "superspike", "trace_bound": math.inf}


def shown(*shape: int, static: bool) -> Window:
    steps, *rest = shape
    values = torch.rand(*([] if static else [steps]), *rest, dtype=torch.double)
    return Window(values, steps if static else 0)


def loud(cell: Any) -> Any:
    """Weights and θ so large that neurons fire, and that a trace matters."""
    with torch.no_grad():
        for name, one in cell.named_parameters():
            one.mul_(20 if name in ("alpha", "rate", "offset") else 3)
    return cell.double()


def compare(layer: Any, window: Window) -> None:
    """Spikes, gradients and the trace of a window against its cell step by step."""
    state = layer.cell.initial_state(window.each_step()[0])
    shared = layer.cell.local and layer.cell.p.trace_scope == "batch"
    if shared:
        state = state._replace(trace=layer.trace)
    ours = layer(window).spikes
    spikes = []
    for values in window.each_step():
        one, state = layer.cell(values, state)
        spikes.append(one)
    theirs = torch.stack(spikes)
    assert 0.01 < float(ours.detach().mean()) < 0.99
    torch.testing.assert_close(ours, theirs)
    weights, named = torch.randn_like(ours), dict(layer.cell.named_parameters())
    found = [
        torch.autograd.grad((one * weights).sum(), list(named.values()), allow_unused=True)
        for one in (ours, theirs)
    ]
    for name, one, other in zip(named, *found, strict=True):
        assert one is not None and float(one.abs().max()) > 0, name
        torch.testing.assert_close(one, other, msg=name)
    if shared:
        torch.testing.assert_close(layer.trace, state.trace.detach())


@EACH
@pytest.mark.parametrize("static", [True, False])
@pytest.mark.parametrize("form", ["stepwise", "implicit"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_window_with_a_trace_is_the_cell_step_by_step(
    neuron: Neuron, static: bool, form: str, dialect: str
) -> None:
    torch.manual_seed(0)
    p = DIALECTS[dialect]._replace(neuron=neuron, **WIDE)
    layer = HybridWindow(loud(HybridCell(5, 4, p, recurrent=static)), form=form)
    compare(layer.double(), shown(12, 3, 5, static=static))


@EACH
@pytest.mark.parametrize("static", [True, False])
def test_a_window_without_a_trace_is_the_cell_step_by_step(neuron: Neuron, static: bool) -> None:
    torch.manual_seed(0)
    p = RELEASE._replace(neuron=neuron, **WIDE)
    layer = HybridWindow(loud(HybridCell(5, 4, p, local=False, recurrent=not static)))
    compare(layer.double(), shown(12, 3, 5, static=static))


@EACH
@pytest.mark.parametrize(("dialect", "local"), [("release", True), ("paper", True), ("release", False)])
def test_a_convolution_is_its_cell_step_by_step(neuron: Neuron, dialect: str, local: bool) -> None:
    torch.manual_seed(0)
    p = DIALECTS[dialect]._replace(neuron=neuron, **WIDE)
    cell = loud(HybridConvCell(2, 3, p, kernel_size=3, stride=2, padding=1, local=local))
    compare(HybridConvWindow(cell).double(), shown(12, 2, 2, 4, 4, static=dialect == "paper"))


@EACH
@pytest.mark.parametrize("places", [False, True])
def test_a_trace_goes_on_through_a_test_stream(neuron: Neuron, places: bool) -> None:
    p = RELEASE._replace(neuron=neuron, weight_decay_on="weight")
    layer = convolution(p) if places else dense(p)
    window = shown(STEPS, 3, *((2, 4, 4) if places else (8,)), static=True)
    spikes, trace = literal(layer, window)
    layer.begin_stream()
    torch.testing.assert_close(layer(window).spikes, spikes)
    torch.testing.assert_close(layer._streaming, trace)


@EACH
def test_normed_currents_reach_the_neurons(neuron: Neuron) -> None:
    torch.manual_seed(0)
    p = RELEASE._replace(neuron=neuron)
    norm = AdaptiveNorm(4, gain=p.threshold)
    layer = HybridWindow(HybridCell(5, 4, p, local=False), norm=norm).double()
    window = shown(12, 6, 5, static=False)
    scales = torch.tensor([p.weight_scale(step) for step in range(12)], dtype=torch.double)
    ahead = norm(window.values @ layer.cell.linear.weight.T)
    theirs = fired(scales[:, None, None] * ahead + layer.cell.linear.bias, 12, p)
    assert 0 < float(theirs.detach().mean()) < 1
    torch.testing.assert_close(layer(window).spikes, theirs)


@pytest.mark.parametrize("name", ["adaptive", "spike_response"])
def test_gradients_are_those_of_finite_differences(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a smooth step in the place of the spike; second derivatives too."""
    add_smooth(monkeypatch)
    torch.manual_seed(0)
    p = RELEASE._replace(neuron=NEURONS[name](), surrogate="smooth")
    currents = torch.rand(5, 2, 2, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda given: fired(given, 5, p), currents)
    assert torch.autograd.gradgradcheck(lambda given: fired(given, 5, p), currents)


def test_gradients_of_izhikevich_are_those_of_finite_differences_between_given_resets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_smooth(monkeypatch)
    torch.manual_seed(0)
    neuron = NEURONS["izhikevich"]()
    p = RELEASE._replace(neuron=neuron, surrogate="smooth")
    currents = (torch.rand(8, 3, dtype=torch.double) * p.threshold).requires_grad_()

    def run(given: Tensor, resets: Tensor | None = None) -> Tensor:
        state, found = neuron.rest(given[0]), []
        for step, current in enumerate(given):
            if resets is not None and step:
                state = state._replace(spikes=resets[step - 1])  # type: ignore[attr-defined]
            state = neuron.step(current, state, p)
            found.append(torch.stack((state.membrane, state.spikes)))
        return torch.stack(found)

    free = run(currents)
    resets = free[:, 1].detach()
    assert float(resets.min()) > 0.1 and float(resets.max()) > 0.4
    assert torch.autograd.gradcheck(lambda given: run(given, resets), currents)
    weights = torch.randn_like(free)
    found = [torch.autograd.grad((one * weights).sum(), currents)[0] for one in (free, run(currents, resets))]
    torch.testing.assert_close(*found)


@EACH
@pytest.mark.parametrize("learner", ["gp", "hp"])
def test_a_network_learns(neuron: Neuron, learner: str) -> None:
    """Four noisy patterns, told apart by their first spikes; chance is a quarter."""
    torch.manual_seed(0)
    patterns, p = torch.rand(4, 20), PAPER._replace(neuron=neuron, surrogate="superspike")
    encoder = Encoder("direct", 10, 500.0)
    network = SpikingNetwork([20, 16, 4], encoder, learner, p, dialect="paper", read_out="first_spike")
    optimiser = torch.optim.Adam(network.parameters(), 0.01)

    def drawn() -> tuple[Tensor, Tensor]:
        classes = torch.randint(4, (60,))
        return (patterns[classes] + 0.1 * torch.randn(60, 20)).clamp(0, 1), classes

    for _ in range(40):
        inputs, classes = drawn()
        optimiser.zero_grad()
        (network(inputs) - one_hot(classes, 4)).square().mean().backward()
        optimiser.step()
    inputs, classes = drawn()
    assert float((network.eval()(inputs).argmax(1) == classes).float().mean()) > 0.7


@EACH
def test_kernels_of_lif_and_its_export_are_not_used(neuron: Neuron) -> None:
    p: HybridParameters = RELEASE._replace(neuron=neuron)
    assert not usable(10**9, torch.zeros(3), neuron=p)
    network = SpikingNetwork([6, 5, 4], Encoder("direct", 4, 500.0), "gp", p)
    with pytest.raises(InputError, match=r"train with strategy\.neuron=lif"):
        nir_graph(network)

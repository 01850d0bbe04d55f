"""The convolutional cell equals a loop over positions, and a dense cell where there is one position."""

import math

import norse.torch as norse
import pytest
import torch

from hpbench.core.errors import InputError
from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.conv_cell import HybridConvCell
from hpbench.spiking.hybrid.conv_window import HybridConvWindow
from hpbench.spiking.parameters import PAPER, RELEASE, HybridParameters
from hpbench.spiking.surrogate import SURROGATES
from hpbench.spiking.window import Window

EACH = pytest.mark.parametrize("p", [RELEASE, PAPER], ids=["release", "paper"])


def make(p: HybridParameters, **options: int) -> HybridConvCell:
    torch.manual_seed(0)
    cell = HybridConvCell(2, 3, p, **{"kernel_size": 3, "stride": 2, "padding": 1, **options}).double()
    with torch.no_grad():
        for one in cell.theta():
            one.mul_(60)
    return cell


def literal(cell: HybridConvCell, inputs: torch.Tensor) -> torch.Tensor:
    """Membranes (T, B, m, H', W'), position by position, with kernel 3, stride 2 and padding 1."""
    p = cell.p
    steps, batch, _, height, width = inputs.shape
    rows, columns = -(-height // 2), -(-width // 2)
    padded = torch.nn.functional.pad(inputs, (1, 1, 1, 1))
    weight = cell.conv.weight.flatten(1)
    shared = p.trace_scope == "batch"
    traces = [inputs.new_zeros(weight.shape[1], 3) for _ in range(1 if shared else batch)]
    membrane = {}
    spikes = {}
    out = []
    for step in range(steps):
        d = math.exp(-step / p.weight_time_constant)
        e = d if p.weight_decay_on == "input" else 1.0
        added = [torch.zeros_like(one) for one in traces]
        for b in range(batch):
            trace = traces[0 if shared else b]
            for i in range(rows):
                for j in range(columns):
                    patch = padded[step, b, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3].flatten()
                    current = d * weight @ patch + cell.bias + cell.alpha * (trace.T @ (e * patch))
                    u = membrane.get((b, i, j), inputs.new_zeros(3))
                    s = spikes.get((b, i, j), inputs.new_zeros(3))
                    left = u - p.threshold * s if p.reset == "subtract" else (1 - s) * u
                    u = p.membrane_decay * left + p.current_gain * current
                    s = SURROGATES[p.surrogate](u - p.threshold)
                    membrane[b, i, j], spikes[b, i, j] = u, s
                    if p.post == "tanh_sliding":
                        g = torch.tanh(u / p.threshold - cell.offset)
                    else:
                        g = torch.tanh(u / p.threshold) + cell.offset
                    share = rows * columns * (batch if shared else 1)
                    added[0 if shared else b] = added[0 if shared else b] + (
                        torch.outer(cell.rate * e * patch, g) / share
                    )
        traces = [
            (p.trace_decay * one + new).clamp(-p.trace_bound, p.trace_bound)
            for one, new in zip(traces, added, strict=True)
        ]
        grid = [
            torch.stack([membrane[b, i, j] for i in range(rows) for j in range(columns)], 1)
            for b in range(batch)
        ]
        out.append(torch.stack(grid).unflatten(2, (rows, columns)))
    return torch.stack(out)


def stepped(cell: HybridConvCell, inputs: torch.Tensor) -> torch.Tensor:
    state, membranes = None, []
    for one in inputs:
        _, state = cell(one, state)
        membranes.append(state.membrane)
    return torch.stack(membranes)


@EACH
def test_equals_a_loop_over_positions_with_gradients(p: HybridParameters) -> None:
    cell = make(p)
    inputs = torch.rand(4, 2, 2, 5, 4, dtype=torch.double)
    weights = torch.randn(4, 2, 3, 3, 2, dtype=torch.double)
    ours, expected = stepped(cell, inputs), literal(cell, inputs)
    assert torch.allclose(ours, expected, rtol=1e-9, atol=1e-12)
    parameters = list(cell.parameters())
    mine = torch.autograd.grad((ours * weights).sum(), parameters)
    theirs = torch.autograd.grad((expected * weights).sum(), parameters)
    for one, other in zip(mine, theirs, strict=True):
        assert float((one - other).abs().max()) <= 1e-6 * float(other.abs().max())
        assert float(other.abs().max()) > 0


@EACH
def test_one_position_is_the_dense_cell(p: HybridParameters) -> None:
    cell = make(p, stride=1, padding=0)
    dense = HybridCell(18, 3, p).double()
    with torch.no_grad():
        dense.linear.weight.copy_(cell.conv.weight.flatten(1))
        dense.linear.bias.copy_(cell.bias)
        for one, other in zip(dense.theta(), cell.theta(), strict=True):
            one.copy_(other)
    state = other_state = None
    for one in torch.rand(6, 4, 2, 3, 3, dtype=torch.double):
        spikes, state = cell(one, state)
        expected, other_state = dense(one.flatten(1), other_state)
        assert torch.equal(spikes.flatten(1), expected)
        assert torch.allclose(state.trace, other_state.trace)


def test_without_trace_and_in_norses_container() -> None:
    torch.manual_seed(0)
    stack = norse.SequentialState(
        HybridConvCell(1, 4, kernel_size=3, local=False), HybridConvCell(4, 2, kernel_size=3)
    )
    state = None
    for one in torch.rand(5, 2, 1, 8, 8):
        spikes, state = stack(one, state)
    assert spikes.shape == (2, 2, 4, 4)
    assert state[0].trace is None and state[1].trace.shape == (36, 2)


@EACH
@pytest.mark.parametrize("static", [True, False])
def test_a_window_equals_the_cell_step_by_step_and_carries_its_trace(
    p: HybridParameters, static: bool
) -> None:
    cell = make(p)
    layer = HybridConvWindow(cell)
    state = None
    for _ in range(2):
        shape = (2, 2, 5, 4) if static else (4, 2, 2, 5, 4)
        window = Window(torch.rand(shape, dtype=torch.double), 4 if static else 0)
        carried = state.trace.detach() if state is not None and p.trace_scope == "batch" else None
        state = cell.initial_state(window.each_step()[0])
        state = state if carried is None else state._replace(trace=carried)
        response = layer.double()(window)
        for step, one in enumerate(window.each_step()):
            spikes, state = cell(one, state)
            assert torch.equal(response.spikes[step], spikes)
    if p.trace_scope == "batch":
        assert torch.allclose(layer.trace, state.trace) and not layer.trace.requires_grad


def test_a_window_at_test_keeps_its_trace_and_modes_differ() -> None:
    found = {}
    for mode in ("frozen", "batch", "zero"):
        layer = HybridConvWindow(make(RELEASE), mode).double()
        torch.manual_seed(1)
        layer(Window(torch.rand(6, 2, 5, 4, dtype=torch.double), 5))
        before = layer.trace.clone()
        found[mode] = layer.eval()(Window(torch.rand(3, 2, 5, 4, dtype=torch.double), 5)).spikes
        assert torch.equal(layer.trace, before)
    assert not torch.equal(found["frozen"], found["batch"])
    assert not torch.equal(found["frozen"], found["zero"])


@EACH
@pytest.mark.parametrize("static", [True, False])
@pytest.mark.parametrize("mode", ["frozen", "zero"])
def test_currents_known_beforehand_give_the_cells_spikes_and_gradients(
    p: HybridParameters, static: bool, mode: str
) -> None:
    cell = make(p._replace(trace_scope="batch"))
    layer = HybridConvWindow(cell, mode).double().eval()
    layer.trace = torch.randn_like(layer.trace) / 10
    shape = (2, 2, 5, 4) if static else (4, 2, 2, 5, 4)
    window = Window(torch.rand(shape, dtype=torch.double, requires_grad=True), 4 if static else 0)
    state = cell.initial_state(window.each_step()[0])._replace(trace=layer.trace)
    spikes = []
    for values in window.each_step():
        ahead, local = cell.currents(values, state)
        current = ahead + local if mode == "frozen" else ahead
        state = cell.advance(current, values, state, learn=False)
        spikes.append(state.spikes)
    expected, found = torch.stack(spikes), layer(window).spikes
    assert torch.equal(found, expected) and 0 < float(found.detach().mean()) < 1
    weights, learned = torch.randn_like(expected), [window.values, cell.conv.weight, cell.bias]
    learned += [cell.alpha] if mode == "frozen" else []
    mine = torch.autograd.grad((found * weights).sum(), learned)
    theirs = torch.autograd.grad((expected * weights).sum(), learned)
    for one, other in zip(mine, theirs, strict=True):
        assert torch.allclose(one, other, rtol=1e-9, atol=1e-12) and float(other.abs().max()) > 0


def test_shapes_are_checked() -> None:
    with pytest.raises(InputError, match=r"shape \(batch, 2, height, width\), not \(4, 3, 5, 5\)"):
        make(RELEASE)(torch.rand(4, 3, 5, 5, dtype=torch.double))

"""What the trace does at test, and whom a sample's score depends on."""

import pytest
import torch

from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.parameters import PAPER
from hpbench.spiking.window import Window


def trained(trace_at_test: str) -> HybridWindow:
    torch.manual_seed(0)
    layer = HybridWindow(HybridCell(8, 6), trace_at_test).double()
    with torch.no_grad():
        for parameter in layer.cell.theta():
            parameter.mul_(60)
    for _ in range(5):
        layer(Window(torch.rand(10, 8, dtype=torch.double), 6))
    return layer.eval()


def test_no_mode_changes_the_trained_trace() -> None:
    for mode in ("frozen", "batch", "stream", "zero"):
        layer = trained(mode)
        before = layer.trace.clone()
        for window in (
            Window(torch.rand(4, 8, dtype=torch.double), 6),
            Window(torch.rand(6, 4, 8, dtype=torch.double)),
        ):
            layer(window)
        assert torch.equal(layer.trace, before)


def test_frozen_and_zero_score_a_sample_whoever_shares_its_batch_and_batch_does_not() -> None:
    values = torch.rand(20, 8, dtype=torch.double)
    for mode, depends in (("frozen", False), ("stream", False), ("zero", False), ("batch", True)):
        layer = trained(mode)
        together = layer(Window(values, 6)).membranes[-1, :5]
        apart = layer(Window(values[:5], 6)).membranes[-1]
        assert torch.allclose(together, apart) is not depends


def test_sorting_the_test_batches_by_class_changes_scores_under_batch_only() -> None:
    ones = torch.cat([torch.rand(10, 4), torch.zeros(10, 4)], 1).double()
    twos = torch.cat([torch.zeros(10, 4), torch.rand(10, 4)], 1).double()
    mixed = torch.stack([ones, twos], 1).flatten(0, 1)
    for mode, depends in (("frozen", False), ("batch", True)):
        layer = trained(mode)
        in_mixed = torch.cat([layer(Window(batch, 6)).membranes[-1] for batch in mixed.split(10)])
        in_sorted = torch.cat([layer(Window(batch, 6)).membranes[-1] for batch in (ones, twos)])
        assert torch.allclose(in_mixed[::2], in_sorted[:10]) is not depends


def test_frozen_equals_the_cell_with_its_trace_held() -> None:
    layer = trained("frozen")
    values = torch.rand(4, 8, dtype=torch.double)
    static = layer(Window(values, 6))
    stepped = layer(Window(values.expand(6, 4, 8).clone()))
    assert torch.equal(static.spikes, stepped.spikes)
    assert torch.allclose(static.membranes, stepped.membranes)
    assert not torch.allclose(static.membranes, trained("zero")(Window(values, 6)).membranes)


@pytest.mark.parametrize("batch", [4, 40])  # of many samples, a frozen trace is added to the weights
@pytest.mark.parametrize("static", [True, False])
@pytest.mark.parametrize("mode", ["frozen", "batch", "zero", "sample"])
def test_gradients_at_test_are_those_of_the_cell_step_by_step(mode: str, static: bool, batch: int) -> None:
    if mode == "sample":
        torch.manual_seed(0)
        layer = HybridWindow(HybridCell(8, 6, PAPER)).double().eval()
    else:
        layer = trained(mode)
    values = torch.rand((batch, 8) if static else (6, batch, 8), dtype=torch.double)
    found = []
    for whole in (True, False):
        leaf = values.clone().requires_grad_()
        layer.zero_grad()
        window = Window(leaf, 6 if static else 0)
        if whole:
            membranes = layer(window).membranes
        else:
            state = layer.cell.initial_state(leaf[0] if not static else leaf)
            if mode != "sample":
                state = state._replace(trace=None if mode == "zero" else layer.trace)
            rows = []
            for one in window.each_step():
                current = sum(part for part in layer.cell.currents(one, state) if part is not None)
                state = layer.cell.advance(current, one, state, learn=mode in ("batch", "sample"))
                rows.append(state.membrane)
            membranes = torch.stack(rows)
        membranes.square().sum().backward()
        grads = [one.grad for one in (leaf, *layer.cell.parameters()) if one.grad is not None]
        found.append([one.clone() for one in grads if bool(one.any())])
    assert len(found[0]) == len(found[1])
    assert all(torch.allclose(one, other, rtol=1e-8) for one, other in zip(*found, strict=True))

"""The cell equals Norse's functions where those can express the neuron, and works in its containers."""

import norse.torch as norse
import pytest
import torch
from norse.torch.functional.lif_box import (
    LIFBoxFeedForwardState,
    LIFBoxParameters,
    lif_box_feed_forward_step,
)
from norse.torch.functional.reset import reset_subtract, reset_value

from hpbench.spiking.hybrid.cell import HybridCell, HybridState
from hpbench.spiking.parameters import PAPER, RELEASE


@pytest.mark.parametrize(("reset", "norse_reset"), [("subtract", reset_subtract), ("zero", reset_value)])
def test_the_neuron_without_trace_is_norses_lif_box(reset: str, norse_reset: object) -> None:
    """v + dt/τ (i − v) is k v + (1 − k) i, k = 1 − dt/τ; Norse's state is after the reset, ours before."""
    torch.manual_seed(0)
    decay, threshold = 0.4, 0.35
    p = RELEASE._replace(
        reset=reset, membrane_decay=decay, threshold=threshold, current_gain=1 - decay, surrogate="superspike"
    )
    cell = HybridCell(6, 5, p._replace(weight_time_constant=float("inf")), local=False).double()
    box = LIFBoxParameters(
        tau_mem_inv=torch.tensor((1 - decay) / 0.001, dtype=torch.double),
        v_th=torch.tensor(threshold, dtype=torch.double),
        reset_method=norse_reset,
    )
    values = torch.rand(12, 4, 6, dtype=torch.double, requires_grad=True)
    state, total = None, 0
    theirs, their_total = LIFBoxFeedForwardState(v=torch.zeros(4, 5, dtype=torch.double)), 0
    for one in values:
        spikes, state = cell(one, state)
        current = cell.linear(one)
        their_spikes, theirs = lif_box_feed_forward_step(current, theirs, box)
        assert torch.equal(spikes, their_spikes)
        left = state.membrane - threshold * spikes if reset == "subtract" else state.membrane * (1 - spikes)
        assert torch.allclose(left, theirs.v, atol=1e-12)
        total, their_total = total + spikes.sum(), their_total + their_spikes.sum()
    assert float(total.detach()) > 0
    ours = torch.autograd.grad(total, values)[0]
    expected = torch.autograd.grad(their_total, values)[0]
    assert torch.allclose(ours, expected, atol=1e-12)


@pytest.mark.parametrize("p", [RELEASE, PAPER])
def test_norses_sequential_container_carries_its_state(p: object) -> None:
    torch.manual_seed(0)
    first, second = HybridCell(6, 5, p), HybridCell(5, 3, p)
    stack = norse.SequentialState(first, second)
    assert stack.stateful_layers == [True, True]
    values, state = torch.rand(7, 4, 6), None
    by_hand = [None, None]
    for one in values:
        spikes, state = stack(one, state)
        hidden, by_hand[0] = first(one, by_hand[0])
        expected, by_hand[1] = second(hidden, by_hand[1])
        assert torch.equal(spikes, expected)
    assert isinstance(state[0], HybridState) and state[0].step == 7
    assert float(state[0].trace.detach().abs().max()) > 0


def test_what_learns_is_registered_and_moves() -> None:
    cell = HybridCell(6, 5, PAPER, recurrent=True)
    names = {name for name, _ in cell.named_parameters()}
    assert names == {"linear.weight", "linear.bias", "recurrent.weight", "alpha", "rate", "offset"}
    assert set(cell.state_dict()) == names
    moved = cell.to(torch.float64)
    spikes, state = moved(torch.rand(2, 6, dtype=torch.double))
    assert spikes.dtype is torch.double and state.trace.dtype is torch.double

"""Neurons under given currents against the steps that autograd records, and against Norse."""

import pytest
import torch
from norse.torch.functional.lif_box import (
    LIFBoxFeedForwardState,
    LIFBoxParameters,
    lif_box_feed_forward_step,
)
from norse.torch.functional.reset import reset_subtract, reset_value

from hpbench.spiking.fired_window import fired, recorded
from hpbench.spiking.parameters import PAPER, RELEASE, HybridParameters

DIALECTS = pytest.mark.parametrize("p", [RELEASE, PAPER, PAPER._replace(surrogate="arctan")])
HELD = pytest.mark.parametrize("given", [1, 6])


def currents(given: int) -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(given, 3, 2, 4, 4, dtype=torch.float64, requires_grad=True)


@DIALECTS
@HELD
def test_spikes_and_gradients_are_those_of_the_recorded_steps(p: HybridParameters, given: int) -> None:
    fed = currents(given)
    seen = torch.randn(6, 3, 2, 4, 4, dtype=torch.float64)
    ours, theirs = fired(fed, 6, p), recorded(fed, 6, p)
    assert 0 < float(ours.mean()) < 1
    assert torch.equal(ours, theirs)
    torch.testing.assert_close(*(torch.autograd.grad(one, fed, seen)[0] for one in (ours, theirs)))


@HELD
def test_second_derivatives_are_those_of_the_recorded_steps(given: int) -> None:
    p = PAPER._replace(surrogate="arctan")
    fed = currents(given)
    seen = torch.randn(6, 3, 2, 4, 4, dtype=torch.float64)
    found = []
    for run in (fired, recorded):
        (first,) = torch.autograd.grad((run(fed, 6, p) * seen).sum(), fed, create_graph=True)
        found.append(torch.autograd.grad(first.square().sum(), fed)[0])
    assert float(found[0].abs().max()) > 0
    torch.testing.assert_close(*found)


@pytest.mark.parametrize(("reset", "norse_reset"), [("subtract", reset_subtract), ("zero", reset_value)])
def test_norse_fires_the_same_spikes(reset: str, norse_reset: object) -> None:
    """Norse's box neuron, v ← k v + (1 − k) i, given currents that make up for its factor."""
    p = RELEASE._replace(reset=reset)
    fed = currents(6).detach()
    gain = 1 - p.membrane_decay
    box = LIFBoxParameters(
        tau_mem_inv=torch.tensor(gain / 0.001, dtype=torch.double),
        v_th=torch.tensor(p.threshold, dtype=torch.double),
        reset_method=norse_reset,
    )
    state = LIFBoxFeedForwardState(v=torch.zeros_like(fed[0]))
    theirs = []
    for current in fed:
        spikes, state = lif_box_feed_forward_step(current / gain, state, box)
        theirs.append(spikes)
    assert 0 < float(torch.stack(theirs).mean()) < 1
    assert torch.equal(fired(fed, 6, p), torch.stack(theirs))

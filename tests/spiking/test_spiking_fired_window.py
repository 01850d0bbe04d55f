"""Neurons under given currents against the steps that autograd records, and against Norse."""

import pytest
import torch
from norse.torch.functional.lif_box import LIFBoxFeedForwardState, LIFBoxParameters, lif_box_feed_forward_step

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


def test_norse_fires_the_same_spikes() -> None:
    """Norse's box neuron with a reset to 0, and our leak."""
    p = RELEASE._replace(reset="zero", current_gain=1.0, membrane_decay=0.6)
    fed = currents(6).detach()
    constants = LIFBoxParameters(
        tau_mem_inv=torch.as_tensor(400.0), v_th=torch.as_tensor(p.threshold), v_reset=torch.as_tensor(0.0)
    )
    state = LIFBoxFeedForwardState(v=torch.zeros_like(fed[0]))
    theirs = []
    for current in fed:
        # dv = dt τ⁻¹ (−v + i): v ← 0.6 v + 0.4 i
        spikes, state = lif_box_feed_forward_step(current / 0.4, state, constants, dt=0.001)
        theirs.append(spikes)
    assert torch.equal(fired(fed, 6, p), torch.stack(theirs).to(fed.dtype))

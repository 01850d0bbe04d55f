"""Eqs. 11–13 against loops; descent on the implicit energy is the Hebbian step."""

from itertools import pairwise

import pytest
import torch

from hpbench.core.errors import InputError
from hpbench.plasticity.energy import hebbian_step, implicit_energy, total_loss
from hpbench.spiking.surrogate import SURROGATES

THRESHOLD = 0.35
STEPS, BATCH, WIDTHS = 6, 5, (4, 3, 2)


def layers() -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Membranes of three layers, (T, B, n), and the two weights between them, (m, n)."""
    torch.manual_seed(0)
    membranes = [torch.randn(STEPS, BATCH, width, dtype=torch.double) for width in WIDTHS]
    weights = [torch.randn(post, pre, dtype=torch.double) for pre, post in pairwise(WIDTHS)]
    return membranes, weights


def test_energy_equals_the_sum_written_out() -> None:
    membranes, weights = layers()
    spikes = [(u > THRESHOLD).double() for u in membranes]
    energy = 0.0
    for layer, weight in enumerate(weights, start=1):
        for t in range(STEPS):
            for b in range(BATCH):
                for j in range(WIDTHS[layer - 1]):
                    for i in range(WIDTHS[layer]):
                        energy -= float(spikes[layer - 1][t, b, j] * weight[i, j] * spikes[layer][t, b, i])
    assert implicit_energy(spikes, weights).item() == pytest.approx(energy / BATCH, rel=1e-12)


def test_descent_on_the_energy_is_the_hebbian_step_exactly() -> None:
    membranes, weights = layers()
    leaves = [weight.requires_grad_() for weight in weights]
    spikes = [SURROGATES["rectangular"](u.requires_grad_() - THRESHOLD).detach() for u in membranes]
    implicit_energy(spikes, leaves).backward()
    for layer, weight in enumerate(leaves, start=1):
        step = torch.zeros(WIDTHS[layer - 1], WIDTHS[layer], dtype=torch.double)
        for t in range(STEPS):
            for b in range(BATCH):
                post = (membranes[layer][t, b] > THRESHOLD).double()  # ρ(u_l) of Eq. 12
                step += torch.outer(spikes[layer - 1][t, b], post)
        assert step.max() > 0
        assert torch.equal(-weight.grad, (step / BATCH).T)
    assert all(u.grad is None for u in membranes)


def test_where_spikes_are_not_detached_the_energy_moves_them_too() -> None:
    membranes, weights = layers()
    potentials = [u.requires_grad_() for u in membranes]
    implicit_energy([SURROGATES["rectangular"](u - THRESHOLD) for u in potentials], weights).backward()
    post = (potentials[1].detach() > THRESHOLD).double()
    window = ((potentials[0].detach() - THRESHOLD).abs() < 0.5).double()
    assert torch.allclose(potentials[0].grad, -window * (post @ weights[0]) / BATCH)


def test_hebbian_step_takes_the_orientation_of_a_linear_layer() -> None:
    pre, post = torch.rand(STEPS, BATCH, 4), torch.rand(STEPS, BATCH, 3)
    assert hebbian_step(pre, post).shape == torch.nn.Linear(4, 3).weight.shape


def test_total_loss_and_what_each_weight_scales() -> None:
    global_part = torch.tensor([[2.0]], requires_grad=True)
    local_part = torch.tensor([[3.0]], requires_grad=True)
    explicit = (0.5 * global_part + 0.25 * local_part).sum()  # λ1 = 0.5, λ2 = 0.25
    energy = implicit_energy([torch.ones(2, 1, 1), torch.ones(2, 1, 1)], [global_part])
    total = total_loss(explicit, energy, 0.1)
    assert total.item() == pytest.approx(0.5 * 2 + 0.25 * 3 - 0.1 * 2 * 2)
    total.backward()
    assert global_part.grad.item() == pytest.approx(0.5 - 0.1 * 2)
    assert local_part.grad.item() == pytest.approx(0.25)


@pytest.mark.parametrize("weight", [-0.1, float("nan"), float("inf")])
def test_energy_weight_is_checked(weight: float) -> None:
    with pytest.raises(InputError, match="energy_weight"):
        total_loss(torch.zeros(()), torch.zeros(()), weight)


def test_layers_and_weights_that_do_not_fit_are_named() -> None:
    membranes, weights = layers()
    with pytest.raises(InputError, match="3 layers and 1 weights"):
        implicit_energy(membranes, weights[:1])
    with pytest.raises(InputError, match="two or more layers"):
        implicit_energy(membranes[:1], [])
    with pytest.raises(InputError, match="layer 3"):
        implicit_energy(membranes, [weights[0], weights[1].T])
    with pytest.raises(InputError, match="layer 2"):
        implicit_energy([membranes[0][1:], *membranes[1:]], weights)

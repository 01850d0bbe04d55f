"""DECOLLE's local loss, worked out entry by entry."""

import math

import pytest
import torch

from hpbench.plasticity.decolle_loss import activity_penalty, smooth_l1


def test_smooth_l1_is_quadratic_up_to_1_and_linear_beyond() -> None:
    scores = torch.tensor([[0.5, 0.0, -3.0], [1.0, 0.2, 1.5]])
    # Distances to (1, 0, 0) and (0, 0, 1): -0.5, 0, -3 and 1, 0.2, 0.5.
    expected = (0.125 + 0 + 2.5 + 0.5 + 0.02 + 0.125) / 6
    assert float(smooth_l1(scores, torch.tensor([0, 2]))) == pytest.approx(expected)


def test_the_error_of_a_read_out_is_the_distance_cut_to_1() -> None:
    scores = torch.tensor([[0.5, 0.0, -3.0]], requires_grad=True)
    smooth_l1(scores, torch.tensor([0])).backward()
    assert scores.grad.tolist() == [[pytest.approx(-0.5 / 3), 0, pytest.approx(-1 / 3)]]


def literal_penalty(membranes: list[float], above: float, below: float) -> float:
    high = sum(max(0.0, u + 0.01) for u in membranes) / len(membranes)
    active = sum(1 / (1 + math.exp(-u)) for u in membranes) / len(membranes)
    return above * high + below * max(0.0, 0.1 - active)


@pytest.mark.parametrize("membranes", [[-0.5, -0.005, 2.0], [-4.0, -3.0, -6.0]])
@pytest.mark.parametrize(("above", "below"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.7), (0.3, 0.7)])
def test_penalty_equals_the_sum_over_neurons(membranes: list[float], above: float, below: float) -> None:
    shaped = torch.tensor(membranes, dtype=torch.double).reshape(1, 3, 1, 1)
    found = activity_penalty(shaped, above, below)
    assert float(found) == pytest.approx(literal_penalty(membranes, above, below))


def test_each_penalty_acts_where_it_should() -> None:
    high = torch.tensor([[2.0, -1.0, -0.005]], requires_grad=True)
    activity_penalty(high, 3.0, 3.0).backward()
    assert high.grad.tolist() == [[1, 0, 1]], "active enough: only membranes above -0.01 are pulled down"
    silent = torch.full((2, 2), -5.0, requires_grad=True)
    activity_penalty(silent, 3.0, 3.0).backward()
    assert bool((silent.grad < 0).all()), "silent: all membranes are pushed up"

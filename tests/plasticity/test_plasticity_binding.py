"""Hebbian binding against a loop that holds the trace."""

import pytest
import torch
from torch import Tensor

from hpbench.plasticity.binding import Binding, BindingTheta, binding_scores


def drawn(ways: int, features: int = 7) -> BindingTheta:
    return BindingTheta(
        torch.randn(features, ways, dtype=torch.float64),
        torch.rand(features, dtype=torch.float64),
        torch.randn(features, dtype=torch.float64),
        torch.randn(ways, dtype=torch.float64),
    )


def literal(support: Tensor, labels: Tensor, query: Tensor, theta: BindingTheta, p: Binding) -> Tensor:
    """One sample, one connection, one episode at a time."""
    weight, alpha, rate, offset = theta
    scores = []
    for x, y, asked in zip(support, labels, query, strict=True):
        trace = torch.zeros_like(weight)
        membrane = torch.zeros_like(offset)
        for t in range(len(x)):
            seen = torch.zeros_like(weight) if p.at_once else trace
            mixed = alpha[:, None] * weight + (1 - alpha[:, None]) * seen
            membrane = (0 if p.at_once else p.membrane_decay) * membrane + x[t] @ mixed
            membrane = membrane + p.current * (torch.arange(len(offset)) == y[t])
            post = torch.softmax(membrane - offset, 0)
            trace = (1 if p.at_once else p.trace_decay) * trace + torch.outer(rate * x[t], post)
        scores.append(asked @ (alpha[:, None] * weight + (1 - alpha[:, None]) * trace))
    return torch.stack(scores)


DECAYING = Binding(current=0.5, membrane_decay=0.9, trace_decay=0.7)


@pytest.mark.parametrize("p", [Binding(), DECAYING, DECAYING._replace(at_once=True)])
def test_scores_and_gradients_are_those_of_the_loop(p: Binding) -> None:
    torch.manual_seed(0)
    support = torch.rand(3, 8, 7, dtype=torch.float64, requires_grad=True)
    query = torch.rand(3, 5, 7, dtype=torch.float64, requires_grad=True)
    labels = torch.randint(4, (3, 8))
    theta = BindingTheta(*(one.requires_grad_() for one in drawn(4)))
    leaves = [support, query, *theta]
    seen = torch.randn(3, 5, 4, dtype=torch.float64)
    ours = binding_scores(support, labels, query, theta, p)
    theirs = literal(support, labels, query, theta, p)
    torch.testing.assert_close(ours, theirs)
    for one, other in zip(
        torch.autograd.grad((ours * seen).sum(), leaves),
        torch.autograd.grad((theirs * seen).sum(), leaves),
        strict=True,
    ):
        torch.testing.assert_close(one, other)


def test_a_strong_current_makes_the_trace_the_sum_of_a_class() -> None:
    """Eq. 14 but for its scale: with λ = 1 and a current that decides, P's columns are sums over a class."""
    torch.manual_seed(0)
    support, query = torch.rand(1, 6, 7, dtype=torch.float64), torch.rand(1, 4, 7, dtype=torch.float64)
    labels = torch.tensor([0, 1, 2, 0, 1, 2])
    nothing = torch.zeros(7, dtype=torch.float64)
    theta = BindingTheta(torch.zeros(7, 3).double(), nothing, nothing + 1, torch.zeros(3).double())
    p = Binding(current=1e4, membrane_decay=0.0, trace_decay=1.0)
    sums = support[0].view(2, 3, 7).sum(0)
    torch.testing.assert_close(binding_scores(support, labels, query, theta, p), query @ sums.T)


@pytest.mark.parametrize("at_once", [True, False])
def test_the_order_of_the_support_has_no_effect_when_it_is_bound_at_once(at_once: bool) -> None:
    torch.manual_seed(0)
    support, query = torch.rand(2, 6, 7).double(), torch.rand(2, 4, 7).double()
    labels, theta, p = torch.arange(6) % 3, drawn(3), DECAYING._replace(at_once=at_once)
    other = torch.tensor([5, 2, 0, 4, 1, 3])
    found = binding_scores(support, labels, query, theta, p)
    again = binding_scores(support[:, other], labels[other], query, theta, p)
    assert torch.allclose(found, again) is at_once


def test_episodes_of_a_batch_do_not_see_each_other() -> None:
    torch.manual_seed(0)
    support, query = torch.rand(3, 6, 7).double(), torch.rand(3, 4, 7).double()
    labels, theta = torch.arange(6) % 3, drawn(3)
    together = binding_scores(support, labels, query, theta, Binding())
    for episode in range(3):
        alone = binding_scores(
            support[episode : episode + 1], labels, query[episode : episode + 1], theta, Binding()
        )
        torch.testing.assert_close(alone[0], together[episode])

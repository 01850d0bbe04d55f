"""Hebbian binding of labels (Eqs. 14-16, few-shot): the output layer's trace stores the support set.

Samples of the support are shown one after another. A current c at the output neuron of a sample's label binds
the label to the sample's features x; for the t-th of S samples, with N outputs and n features,

    u_t = k u_{t−1} + x_t (α ∘ W + (1 − α) ∘ P_{t−1}) + c e_{y_t}
    g_t = softmax(u_t − β)
    P_t = λ P_{t−1} + (η ∘ x_t) g_t^T

and a query is read by u = x (α ∘ W + (1 − α) ∘ P_S). α and η, (n,), and β, (N,), are learned; W is (n, N).
Source: Wu et al., Nat. Commun. 13:65 (2022), Eqs. 14-16 unrolled in time, as in their released few-shot code.
There α is one per connection. Here it is one per feature: labels are assigned anew in every episode, so that
different α for different outputs cannot be learned. There, too, outputs whose u exceeds 0.5 spike and lose
their membrane before the next sample, η is one number of which at most 0.1 is used, and α does not scale W.
Here nothing is reset or clamped.

The scores depend on the order of the support: g_t follows from what was stored before t, and from the
membrane that earlier samples left. Bound `at_once`, every sample is shown to an empty trace and a membrane at
rest, and nothing decays: u_t = x_t (α ∘ W) + c e_{y_t}, P_S = Σ_t (η ∘ x_t) g_t^T. Then the order has no
effect.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Binding(NamedTuple):
    """Constants: binding current c, and the decay factors per sample of membrane, k, and trace, λ.

    `at_once`: the form without order, in which k and λ have no part.
    """

    current: float = 10.0
    membrane_decay: float = 0.2
    trace_decay: float = 1.0
    at_once: bool = False


class BindingTheta(NamedTuple):
    """The learned parameters of the output layer: W (n, N), α (n,), η (n,), β (N,)."""

    weight: Tensor
    alpha: Tensor
    rate: Tensor
    offset: Tensor


def binding_scores(support: Tensor, labels: Tensor, query: Tensor, theta: BindingTheta, p: Binding) -> Tensor:
    """u, (E, Q, N), of queries (E, Q, n), after support (E, S, n) with labels (S,) or (E, S)."""
    ahead, local = binding_currents(support, labels, query, theta, p)
    return ahead + local


def binding_currents(
    support: Tensor, labels: Tensor, query: Tensor, theta: BindingTheta, p: Binding
) -> tuple[Tensor, Tensor]:
    """The two parts of u: x (α ∘ W) and x ((1 − α) ∘ P_S), each (E, Q, N).

    P is never formed: x_t P_{t−1} is Σ_r λ^{t−1−r} (x_t ∘ (1 − α)) · (η ∘ x_r) g_r over r < t, which
    takes S² + Q·S inner products of features.
    """
    local = 1 - theta.alpha
    written = (support * theta.rate).transpose(1, 2)
    ahead = theta.alpha.unsqueeze(1) * theta.weight
    bound = torch.nn.functional.one_hot(labels, theta.weight.shape[1]).to(support.dtype) * p.current
    if p.at_once:
        bound_at_once = torch.softmax(support @ ahead + bound - theta.offset, -1)
        return query @ ahead, (query * local) @ written @ bound_at_once
    posts = _posts((support * local) @ written, support @ ahead + bound, theta.offset, p)
    left = p.trace_decay ** torch.arange(len(posts) - 1, -1, -1, device=support.device, dtype=support.dtype)
    scaled = torch.stack(posts, 1) * left.unsqueeze(1)
    return query @ ahead, (query * local) @ written @ scaled


def _posts(overlaps: Tensor, currents: Tensor, offset: Tensor, p: Binding) -> list[Tensor]:
    """g_t, (E, N), for every t, from overlaps (E, S, S) and the other currents (E, S, N)."""
    membrane = torch.zeros_like(currents[:, 0])
    read = torch.zeros_like(currents)  # Σ_r λ^{t−1−r} overlap(t, r) g_r, for all t after the last sample
    posts = []
    for t in range(currents.shape[1]):
        membrane = p.membrane_decay * membrane + currents[:, t] + read[:, t]
        posts.append(torch.softmax(membrane - offset, 1))
        read = torch.baddbmm(read, overlaps[:, :, t : t + 1], posts[-1].unsqueeze(1), beta=p.trace_decay)
    return posts

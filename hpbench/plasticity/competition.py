"""Competing Hebbian neurons, whose thresholds grow and whose steps shrink with the samples they have won.

    r_i = ⟨w_i, x⟩ − κ log(n_i / n̄)              match less threshold; n_i samples won, n̄ their mean
    w_i ← w_i + (x − ⟨w_i, x⟩ w_i) / n_i          the neuron with the largest r (the winner)
    w_i ← w_i − Δ (x − ⟨w_i, x⟩ w_i) / n_i        the one with the second largest (the runner-up)
    w_i ← w_i / |w_i|

Each step uses what one synapse has: input, response and weight. The decay is Oja's (J. Math. Biol. 15:267,
1982); Δ is that of competing hidden units (Krotov and Hopfield, PNAS 116:7723, 2019: Δ 0.4 for the k-th
neuron, with a fixed step). A threshold that keeps some neurons from winning everything is a conscience
(DeSieno, IEEE ICNN 1988); there it follows the share of wins linearly. A step of 1/n_i makes the winner's
weight nearly the mean of what it won, and lets it settle.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.core.errors import InputError


class Competitors(NamedTuple):
    """Weights (F, n), rows of unit length, and how many samples each neuron has won, (F,), from 1 on."""

    weights: Tensor
    wins: Tensor


def thresholds(wins: Tensor, homeostasis: float) -> Tensor:
    """κ log(n_i / n̄) of neurons that won n_i = `wins` samples, (F,)."""
    return homeostasis * (wins / wins.mean()).log()


def compete(
    neurons: Competitors, samples: Tensor, *, repulsion: float = 0.0, homeostasis: float = 0.0
) -> Competitors:
    """The neurons after a batch of samples (B, n) of unit length; `repulsion` is Δ, `homeostasis` κ.

    All samples of a batch meet the same weights and thresholds, and their changes are summed; the step is
    1/n_i after the batch. Of equal responses the first neuron's is the larger one. Raises InputError for
    fewer than two neurons, and for samples of another size.
    """
    weights, wins = neurons
    if len(weights) < 2 or samples.ndim != 2 or samples.shape[1] != weights.shape[1]:
        raise InputError(
            f"neurons with weights {tuple(weights.shape)} cannot compete for samples {tuple(samples.shape)}: "
            "two neurons or more are needed, and samples (B, n) with as many values as a neuron has weights"
        )
    matches = samples @ weights.T
    responses = matches - thresholds(wins, homeostasis)
    first = responses.argmax(1, keepdim=True)
    won = torch.zeros_like(matches).scatter_(1, first, 1)
    sign = won
    if repulsion:
        second = responses.scatter(1, first, -torch.inf).argmax(1, keepdim=True)
        sign = won.scatter(1, second, -repulsion)
    change = sign.T @ samples - (sign * matches).sum(0)[:, None] * weights
    wins = wins + won.sum(0)
    return Competitors(torch.nn.functional.normalize(weights + change / wins[:, None], dim=1), wins)

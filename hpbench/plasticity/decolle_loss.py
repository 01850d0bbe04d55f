"""The local loss of DECOLLE: the error of a layer's own read-out, and two penalties on its activity.

    L_l = C(G_l s_l, y) + λ1 ⟨[u_l + 0.01]_+⟩ + λ2 [0.1 − ⟨σ(u_l)⟩]_+

u_l is the membrane, s_l its spikes, G_l a fixed random matrix, y the one-hot target, C the smooth L1
distance, ⟨·⟩ the mean over batch and neurons, σ the logistic function. λ1 keeps membranes from staying above
the threshold, which is 0; λ2 keeps a layer from falling silent.
Kaiser, Mostafa and Neftci, Front. Neurosci. 14:424 (2020); means over the batch as in the authors' code.
"""

import torch
from torch import Tensor

MARGIN = 0.01
"""How far below the threshold λ1 begins to act, in membrane units."""

LEAST_ACTIVITY = 0.1
"""⟨σ(u)⟩ below which λ2 acts."""


def smooth_l1(scores: Tensor, targets: Tensor) -> Tensor:
    """Mean over batch and outputs of the smooth L1 distance of scores (B, K) to one-hot targets (B,).

    With d the distance: d²/2 up to 1, |d| − 1/2 beyond.
    """
    one_hot = torch.nn.functional.one_hot(targets, scores.shape[1]).to(scores.dtype)
    return torch.nn.functional.smooth_l1_loss(scores, one_hot)


def activity_penalty(membrane: Tensor, above: float, below: float) -> Tensor:
    """λ1 ⟨[u + 0.01]_+⟩ + λ2 [0.1 − ⟨σ(u)⟩]_+ of membranes (B, …); λ1 is `above`, λ2 `below`."""
    penalty = membrane.new_zeros(())
    if above:
        penalty = penalty + above * torch.relu(membrane + MARGIN).mean()
    if below:
        penalty = penalty + below * torch.relu(LEAST_ACTIVITY - torch.sigmoid(membrane).mean())
    return penalty

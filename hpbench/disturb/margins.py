"""How far the right class is ahead of the others."""

import torch
from torch import Tensor


def margins(scores: Tensor, targets: Tensor) -> Tensor:
    """The target's score minus the highest other one, (B,), for scores (B, K); below 0 where it loses."""
    columns = targets.unsqueeze(1)
    others = scores.scatter(1, columns, -torch.inf)
    return scores.gather(1, columns).squeeze(1) - others.amax(1)

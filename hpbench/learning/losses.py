"""The losses that the setting `loss` names: of scores (B, K) and targets (B,)."""

from collections.abc import Callable

import torch
from torch import Tensor

from hpbench.plasticity.decolle_loss import smooth_l1
from hpbench.plasticity.prototypes import squared_error

Loss = Callable[[Tensor, Tensor], Tensor]


def mean_squared_error(scores: Tensor, targets: Tensor) -> Tensor:
    """Mean over batch and outputs of the squared distance to one-hot targets."""
    one_hot = torch.nn.functional.one_hot(targets, scores.shape[1]).to(scores.dtype)
    return torch.nn.functional.mse_loss(scores, one_hot)


LOSSES: dict[str, Loss] = {
    "mse": mean_squared_error,
    "squared_error": squared_error,
    "cross_entropy": torch.nn.functional.cross_entropy,
    "smooth_l1": smooth_l1,
}

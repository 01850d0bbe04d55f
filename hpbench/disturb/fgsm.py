"""The fast gradient sign method, in training and at test."""

from collections.abc import Callable

import torch
from torch import Tensor

Loss = Callable[[Tensor, Tensor], Tensor]


def fgsm(
    scores: Callable[[Tensor], Tensor], loss: Loss, images: Tensor, targets: Tensor, epsilon: float
) -> Tensor:
    """x + ε sign(∇_x L), Eq. 18 and Alg. 1, for images (B, …) and targets (B,). Not clipped to [0, 1].

    Goodfellow, Shlens and Szegedy, arXiv:1412.6572.
    """
    with torch.enable_grad():
        wanted = images.detach().requires_grad_()
        [gradient] = torch.autograd.grad(loss(scores(wanted), targets), wanted)
    return images + epsilon * gradient.sign()

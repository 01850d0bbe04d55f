"""What an attack is given: the network's scores, the images, and its budget."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hpbench.disturb.fgsm import Loss


@dataclass(frozen=True)
class Attacked:
    """Target, data and budget of an attack.

    `scores` maps inputs (B, D) to scores (B, K), `loss` these and targets (B,) to a mean; `images` (N, D) in
    [0, 1] are squares row by row, `targets` (N,). All are handed over `batch` at a time, in their order.
    `steps` are those of PGD, `queries` those of a black-box attack.
    """

    scores: torch.nn.Module
    loss: Loss
    images: Tensor
    targets: Tensor
    outputs: int
    batch: int
    random: np.random.Generator
    steps: int
    queries: int

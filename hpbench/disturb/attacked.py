"""The arguments of an adversarial attack: the network, the images with their labels, and the budget."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hpbench.disturb.fgsm import Loss


@dataclass(frozen=True)
class Attacked:
    """Target, data and budget of an attack.

    `scores` maps inputs (B, …) to scores (B, K), and `loss` scores and targets (B,) to their mean loss.
    `images` in [0, 1] are flattened square ones (N, D) or colour (N, 3, H, W), `targets` (N,) their labels.
    The network is called on `batch` images at a time, in the order of the data. `outputs`: the number of
    classes K. `random` draws random starts. `steps`: number of steps of PGD; `queries`: largest number of
    calls by a black-box attack.
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

"""The arguments of an adversarial attack: the network, the images with their labels, and the budget."""

import contextlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hpbench.disturb.fgsm import Loss

Through = Callable[[], AbstractContextManager[Any]]
"""A context in which the gradients of the attacked network go through other surrogates."""


@dataclass(frozen=True)
class Attacked:
    """Target, data and budget of an attack.

    `scores` maps inputs (B, …) to scores (B, K), and `loss` scores and targets (B,) to their mean loss.
    `images` in [0, 1] are flattened square ones (N, D) or colour (N, 3, H, W), `targets` (N,) their labels.
    The network is called on `batch` images at a time, in the order of the data. `outputs`: the number of
    classes K. `random` draws random starts. `steps`: number of steps of PGD; `queries`: largest number of
    calls by a black-box attack. `surrogates`: other surrogates that gradients can go through, by name;
    `adaptive`: one that adapts to the membranes, entered for every batch. `others` gives other networks
    trained on the same data, by name, when it is asked. `found` is where an attack leaves what it tells.
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
    surrogates: Mapping[str, Through] = field(default_factory=dict)
    adaptive: Through = contextlib.nullcontext
    others: Callable[[], Mapping[str, torch.nn.Module]] = dict
    found: dict[str, Any] = field(default_factory=dict)

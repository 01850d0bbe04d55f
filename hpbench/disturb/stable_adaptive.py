"""SA-PGD: projected gradient descent whose steps adapt, for gradients as rough as those of spikes.

Wang, Zhao, Chen, Zhang and Zeng, arXiv:2512.22522; constants as in the authors' published code.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from hpbench.disturb.attacked import Attacked
from hpbench.disturb.margins import margins

_KEPT, _KEPT_SIZE = 0.5, 0.8
"""Shares of the momentum and of the size of gradients that are kept from step to step."""

_FIRST, _SHORTER, _SHORTEST = 0.22, 0.03, 0.06
"""Shares of all steps: until the step size is first halved, by which stretches shorten, the shortest."""


class Moments(NamedTuple):
    """m and v, of the images' shape."""

    momentum: Tensor
    size: Tensor


def moments(gradient: Tensor, before: Moments | None) -> Moments:
    """m ← 0.5 m + g / ⟨|g|⟩, v ← 0.8 v + g² / ⟨g²⟩, for gradients (B, …); ⟨⟩ is the mean over a sample."""
    own = tuple(range(1, gradient.ndim))
    tiny = torch.finfo(gradient.dtype).tiny
    momentum = gradient / gradient.abs().mean(own, keepdim=True).clamp_min(tiny)
    size = gradient.square() / gradient.square().mean(own, keepdim=True).clamp_min(tiny)
    if before is None:
        return Moments(momentum, size)
    return Moments(momentum + _KEPT * before.momentum, size + _KEPT_SIZE * before.size)


def step_of(at: Moments, step_size: float) -> Tensor:
    """η m / √v, at every pixel within ± η; 0 where v is."""
    return (step_size * at.momentum / at.size.sqrt().clamp_min(1e-12)).clamp(-step_size, step_size)


def step_sizes(epsilon: float, steps: int) -> list[float]:
    """η of every step: ε, halved after stretches that become shorter."""
    stretch = left = max(int(_FIRST * steps), 1)
    size, found = epsilon, []
    for _ in range(steps):
        found.append(size)
        left -= 1
        if not left:
            size /= 2
            stretch = max(stretch - max(int(_SHORTER * steps), 1), max(int(_SHORTEST * steps), 1))
            left = stretch
    return found


def by_stable_adaptive_pgd(attacked: Attacked, epsilon: float) -> Tensor:
    """Images after `attacked.steps` steps from a random start: of every sample those of the lowest margin.

    Gradients go through a surrogate that adapts to the membranes, where the attacked network has surrogates.
    """
    batches = zip(attacked.images.split(attacked.batch), attacked.targets.split(attacked.batch), strict=True)
    moved = []
    for images, targets in batches:
        noise = attacked.random.uniform(-epsilon, epsilon, tuple(images.shape)).astype(np.float32)
        start = (images + torch.from_numpy(noise).to(images)).clamp(0, 1)
        with attacked.adaptive():
            moved.append(_uphill(attacked, images, targets, start, epsilon))
    return torch.cat(moved)


def _uphill(attacked: Attacked, images: Tensor, targets: Tensor, start: Tensor, epsilon: float) -> Tensor:
    best, lowest = start, torch.full(targets.shape, torch.inf, device=targets.device, dtype=images.dtype)
    at, found = start, None
    for size in (*step_sizes(epsilon, attacked.steps), None):
        with torch.enable_grad():
            wanted = at.detach().requires_grad_()
            scores = attacked.scores(wanted)
            loss = attacked.loss(scores, targets)
            [gradient] = torch.autograd.grad(loss, wanted)
        reached = margins(scores.detach(), targets)
        better = reached < lowest
        best = torch.where(better.view(-1, *[1] * (at.ndim - 1)), at, best)
        lowest = torch.minimum(lowest, reached)
        if size is not None:
            found = moments(gradient, found)
            moved = at + step_of(found, size)
            at = torch.minimum(torch.maximum(moved, images - epsilon), images + epsilon).clamp(0, 1)
    return best

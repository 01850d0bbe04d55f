"""Attacks of the Adversarial Robustness Toolbox (ART), which no other module imports."""

from collections.abc import Callable
from functools import partial

import torch
from art.attacks.attack import EvasionAttack
from art.attacks.evasion import (
    AutoProjectedGradientDescent,
    ProjectedGradientDescentPyTorch,
    SquareAttack,
)
from art.estimators.classification import PyTorchClassifier
from torch import Tensor

from hpbench.core.seeded_draws import seeded_draws
from hpbench.disturb.attacked import Attacked
from hpbench.tasks.image_shape import image_shape


class _OfSquares(torch.nn.Module):
    """Scores of images that come as (B, C, H, W), by a network that takes them as `like`, (N, …)."""

    def __init__(self, scores: torch.nn.Module, like: Tensor) -> None:
        super().__init__()
        self.scores = scores
        self.shape, self.dtype = like.shape[1:], like.dtype

    def forward(self, images: Tensor) -> Tensor:
        return self.scores(images.reshape(-1, *self.shape).to(self.dtype))


def projected_gradient_descent(attacked: Attacked, epsilon: float) -> Tensor:
    """Images after `attacked.steps` steps from a random start."""
    attack = partial(
        ProjectedGradientDescentPyTorch,
        _classifier(attacked),
        eps=epsilon,
        eps_step=2.5 * epsilon / attacked.steps,
        max_iter=attacked.steps,
        num_random_init=1,
        batch_size=attacked.batch,
        verbose=False,
    )
    return _generated(attack, attacked)


def auto_pgd(attacked: Attacked, epsilon: float, loss: str) -> Tensor:
    """Images after `attacked.steps` steps of Auto-PGD on a loss of ART, from a random start.

    Croce and Hein, ICML 2020: the gradient attacks of AutoAttack.
    """
    attack = partial(
        AutoProjectedGradientDescent,
        _classifier(attacked),
        eps=epsilon,
        eps_step=2 * epsilon,
        max_iter=attacked.steps,
        nb_random_init=1,
        batch_size=attacked.batch,
        loss_type=loss,
        verbose=False,
    )
    return _generated(attack, attacked)


def square(attacked: Attacked, epsilon: float) -> Tensor:
    """Images after at most `attacked.queries` squares."""
    attack = partial(
        SquareAttack,
        _classifier(attacked),
        eps=epsilon,
        max_iter=attacked.queries,
        batch_size=attacked.batch,
        verbose=False,
    )
    return _generated(attack, attacked)


def _shape(attacked: Attacked) -> tuple[int, int, int]:
    return image_shape(tuple(attacked.images.shape[1:]), "scenario.disturbances")


def _classifier(attacked: Attacked) -> PyTorchClassifier:
    return PyTorchClassifier(
        _OfSquares(attacked.scores, attacked.images),
        loss=lambda scores, one_hot: attacked.loss(scores, one_hot.argmax(1)),
        input_shape=_shape(attacked),
        nb_classes=attacked.outputs,
        clip_values=(0.0, 1.0),
        device_type="gpu" if attacked.images.is_cuda else "cpu",
    )


def _generated(make: Callable[[], EvasionAttack], attacked: Attacked) -> Tensor:
    squares = attacked.images.view(-1, *_shape(attacked)).cpu().numpy()
    seed = int(attacked.random.integers(2**31))
    with seeded_draws(numpy=seed, torch=seed):  # ART draws from the global generators
        moved = make().generate(squares, attacked.targets.cpu().numpy())
    return torch.from_numpy(moved).to(attacked.images).view_as(attacked.images)

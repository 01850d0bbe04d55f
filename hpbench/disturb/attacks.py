"""Adversarial attacks on images: perturbations of at most ε at every pixel (L∞ norm).

`fgsm` and `pgd` are white-box attacks: they follow the gradient of the loss with respect to the image, for
spikes the surrogate gradient. `square` is a black-box attack, which queries scores alone. `random_sign` is a
baseline: random noise of size ε. `strongest` is the worst of many. The network's Hebbian trace stays in place
during an attack, as in Alg. 1 of the reproduction of Wu et al. 2022 with FGSM. Each attack imports what
computes it, so that settings can be read and checked without importing torch.
"""

from typing import TYPE_CHECKING

import numpy as np

from hpbench.disturb.disturbance import Disturbance

if TYPE_CHECKING:
    from torch import Tensor

    from hpbench.disturb.attacked import Attacked


def by_fgsm(attacked: "Attacked", epsilon: float) -> "Tensor":
    """`fgsm` batch by batch, cut to [0, 1]."""
    import torch

    from hpbench.disturb.fgsm import fgsm

    batches = zip(attacked.images.split(attacked.batch), attacked.targets.split(attacked.batch), strict=True)
    moved = [fgsm(attacked.scores, attacked.loss, *batch, epsilon) for batch in batches]
    return torch.cat(moved).clamp(0, 1)


def by_random_sign(attacked: "Attacked", epsilon: float) -> "Tensor":
    """Every pixel is moved by ε up or down, by chance, and cut to [0, 1]."""
    import torch

    up = torch.from_numpy(attacked.random.random(attacked.images.shape, dtype=np.float32) < 0.5)
    signs = torch.where(up.to(attacked.images.device), 1.0, -1.0)
    return (attacked.images + epsilon * signs).clamp(0, 1)


def by_pgd(attacked: "Attacked", epsilon: float) -> "Tensor":
    """Projected gradient descent from a random start, with steps of 2.5 ε / (number of steps).

    Madry et al., ICLR 2018, by the Adversarial Robustness Toolbox.
    """
    from hpbench.disturb.toolbox import projected_gradient_descent

    return projected_gradient_descent(attacked, epsilon)


def by_square(attacked: "Attacked", epsilon: float) -> "Tensor":
    """Random search over squares that lower the margin of the right class, without gradients.

    Andriushchenko et al., ECCV 2020, by the Adversarial Robustness Toolbox.
    """
    from hpbench.disturb.toolbox import square

    return square(attacked, epsilon)


def by_strongest(attacked: "Attacked", epsilon: float) -> "Tensor":
    """Each sample under the strongest of many attacks: `hpbench.disturb.strongest`."""
    from hpbench.disturb.strongest import strongest

    return strongest(attacked, epsilon)


_EPSILONS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
_FEW = (0.0, 0.02, 0.05, 0.1, 0.2)

ATTACKS: dict[str, Disturbance] = {
    name: Disturbance(name, f"{what}; the level is ε", "ε", "of the range of a pixel", levels, 1, attack)
    for name, what, attack, levels in (
        ("fgsm", "every pixel is moved by ε along the sign of the loss's gradient", by_fgsm, _EPSILONS),
        ("pgd", "pixels are moved along it in several steps, no further than ε", by_pgd, _EPSILONS),
        ("random_sign", "every pixel is moved by ε up or down, by chance", by_random_sign, _EPSILONS),
        (
            "square",
            "squares of pixels are moved by ε where that lowers the right class's margin",
            by_square,
            _EPSILONS,
        ),
        ("strongest", "each sample is attacked in many ways, and the strongest counts", by_strongest, _FEW),
    )
}
"""The attacks by name, as disturbances whose level is ε."""

BY_GRADIENT = ("fgsm", "pgd", "strongest")
"""White-box attacks, which need the gradient of the scores."""

BY_TOOLBOX = ("pgd", "square", "strongest")
"""Attacks of the Adversarial Robustness Toolbox, which comes with the extra `attacks`."""

"""The total loss and the energy behind Hebbian learning (Eqs. 11–13).

    E    = C(λ1 w_GP, λ2 w_LP, θ) + λ3 E_in                       Eq. 11
    −∂E_in/∂w_l = s_{l−1} ρ(u_l)^T,  ρ(u) = H(u − v_th)           Eq. 12, a Hebbian step
    E_in = −Σ_t Σ_{l≥2} s_{l−1}(t)^T w_l s_l(t)                   Eq. 13

Wu et al., Nat. Commun. 13:65 (2022). Eq. 12 is printed with ∝ and without the sign. Where the spikes are
detached, gradient descent on E_in is Hebbian learning, exactly; where they are not, E_in also moves the
spikes, through their surrogate. All terms are means over the batch. E_in has the unit of a weight, spikes
have none.

The λ of Eq. 11 are called `global_weight` (λ1), `local_weight` (λ2) and `energy_weight` (λ3) here; Eq. 16
has a λ1 of its own.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from hpbench.core.errors import InputError


def hebbian_step(pre: Tensor, post: Tensor) -> Tensor:
    """Eq. 12 over a window: Σ_t mean_b s_l s_{l−1}^T, (m, n) as a weight of `torch.nn.Linear`.

    `pre` is s_{l−1}, (T, B, n); `post` is s_l = ρ(u_l), (T, B, m).
    """
    return post.flatten(0, 1).T @ pre.flatten(0, 1) / pre.shape[1]


def implicit_energy(spikes: Sequence[Tensor], weights: Sequence[Tensor]) -> Tensor:
    """E_in of Eq. 13, a scalar.

    `spikes` are those of the layers l = 1 … L, each (T, B, n_l); `weights` are w_2 … w_L, w_l of shape
    (n_l, n_{l−1}) as in `torch.nn.Linear` and constant over the window: the paper's s_{l−1}^T w_l s_l
    is s_l^T w_l s_{l−1} here. The input does not count as a layer: its connections have no term.
    Raises InputError if there are not one fewer weights than layers, at least one, or shapes do not fit.
    """
    if not weights or len(spikes) != len(weights) + 1:
        raise InputError(
            f"the implicit energy takes the spikes of two or more layers and a weight between each two, "
            f"not {len(spikes)} layers and {len(weights)} weights"
        )
    energy = weights[0].new_zeros(())
    for number, (pre, post, weight) in enumerate(zip(spikes, spikes[1:], weights, strict=False), start=2):
        if (
            pre.ndim != 3
            or weight.shape != (post.shape[-1], pre.shape[-1])
            or pre.shape[:2] != post.shape[:2]
        ):
            raise InputError(
                f"layer {number}: a weight (m, n) needs spikes (T, B, n) before and (T, B, m) after it, not "
                f"{tuple(weight.shape)}, {tuple(pre.shape)} and {tuple(post.shape)}"
            )
        # As an inner product with the Hebbian step: the gradient of w then needs no further matrix product.
        energy = energy - torch.sum(weight * hebbian_step(pre, post))
    return energy


def total_loss(explicit: Tensor, energy: Tensor, energy_weight: float) -> Tensor:
    """E of Eq. 11: C + λ3 E_in, scalars; λ3 in units of the loss per weight.

    E_in has no lower bound in w, so λ3 must be small compared with what keeps w bounded.
    Raises InputError if λ3 is negative or not finite.
    """
    if not (math.isfinite(energy_weight) and energy_weight >= 0):
        raise InputError(f"energy_weight (λ3) must be finite and at least 0, not {energy_weight}")
    return explicit + energy_weight * energy

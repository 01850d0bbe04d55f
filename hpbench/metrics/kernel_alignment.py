"""Centred kernel alignment: whether two layers tell the same samples apart."""

from collections.abc import Sequence

from torch import Tensor


def kernel_alignment(one: Sequence[Tensor], other: Sequence[Tensor]) -> list[list[float]]:
    """Linear CKA, debiased, of every pair of layers (N, n) and (N, m) of the same N samples, at least 4.

    0 for layers that have nothing in common, 1 for those that agree up to rotation and scale; an estimate
    that falls below 0 by chance is given as 0. By the package pytorch-cka.
    Source: Kornblith et al., ICML 2019; debiased as in Nguyen, Raghu and Kornblith, ICLR 2021, Eqs. 1 to 3.
    """
    from cka import cka_from_features  # Matplotlib

    found: list[list[float]] = cka_from_features(
        [layer.double() for layer in one], [layer.double() for layer in other]
    ).tolist()
    return found

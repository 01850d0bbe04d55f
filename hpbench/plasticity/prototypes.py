"""Scores from class means, their mix with the network's scores, and the loss of the mix (Eqs. 15–17).

    I_LP(x) = Σ_k y_k (c_k^T x)                                                        Eq. 15, k over classes
    u = λ1 I_GP + (1 − λ1) I_LP                                                        Eq. 16
    L = Σ_{q≠i} (λ1 I_GP,q + (1−λ1) c_q^T x)² + (1 − λ1 I_GP,i − (1−λ1) c_i^T x)²     Eq. 17, i the true class

Wu et al., Nat. Commun. 13:65 (2022). λ1 is called `mix` here: Eq. 11 has a λ1 of its own. Nothing is
detached here; in continual learning the class means are buffers without a graph.
"""

import torch
from torch import Tensor

from hpbench.core.errors import InputError, nearest
from hpbench.plasticity.choices import PROTOTYPE_READ_OUTS


def local_scores(read_out: str, features: Tensor, means: Tensor, seen: Tensor) -> Tensor:
    """I_LP (B, K) of features (B, n) by class means (K, n), for every read-out but `lda`.

    A class that was not `seen` (K,) has no mean: see `without_unseen`. Raises InputError for an unknown name.
    """
    if read_out == "dot":
        scores = features @ means.T
    elif read_out == "cosine":
        normalize = torch.nn.functional.normalize
        scores = normalize(features, dim=1) @ normalize(means, dim=1).T
    elif read_out == "nearest":
        scores = torch.addmm(-0.5 * means.square().sum(1), features, means.T)
    else:
        raise InputError(
            f"read-out {read_out!r} of class means: {nearest(read_out, PROTOTYPE_READ_OUTS[:3])}"
        )
    return without_unseen(scores, seen)


def without_unseen(scores: Tensor, seen: Tensor) -> Tensor:
    """Scores (B, K) in which a class without a mean is just below the lowest of the others, and below 0.

    Eq. 15 gives it 0, which would win wherever the scores of the seen classes are negative, and tie with them
    where they are 0, as all are once one class was seen and its mean is the centre. While no class was seen,
    all scores are 0.
    """
    lowest = scores.masked_fill(~seen, 0).amin(1, keepdim=True)
    gap = torch.finfo(scores.dtype).eps * (1 + lowest.abs()) * seen.any()
    return torch.where(seen, scores, lowest - gap)


def mixing_weight(mix: float, counts: Tensor, half: float) -> Tensor:
    """λ1 of each class (K,): `mix`, or with `half` > 0 mix · n/(n + half) for a class of n samples.

    The local part then weighs more early in training and for classes with few samples.
    """
    if half == 0:
        return torch.full_like(counts, mix)
    return mix * counts / (counts + half)


def mixed(global_scores: Tensor, local: Tensor, mix: Tensor | float) -> Tensor:
    """u of Eq. 16, (B, K); `mix` is λ1, a number or one for each class."""
    return mix * global_scores + (1 - mix) * local


def squared_error(scores: Tensor, targets: Tensor) -> Tensor:
    """L of Eq. 17 on the mixed output u (B, K), mean over the batch.

    Written out, Eq. 17 is the squared distance of u to the one-hot target, summed over the classes. I_LP is
    meant to lie within about [0, 1], as c^T x does for features of unit length.
    """
    one_hot = torch.nn.functional.one_hot(targets, scores.shape[1]).to(scores.dtype)
    return (scores - one_hot).square().sum(1).mean()

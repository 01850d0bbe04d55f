"""Accuracies of a learner on given episodes."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.few_shot.episodes import Episodes
from hpbench.few_shot.learner import FeatureLearner, Learner
from hpbench.tasks.divergence import unusable
from hpbench.tasks.few_shot import ClassSet

IMAGES_AT_ONCE = 250
"""Batch size of images at test; affects memory only, not results."""


_EPISODES_AT_ONCE = 20
"""Batch size of episodes at test for read-outs, whose features are computed already."""


UNUSABLE = -1
"""The predicted label of a query with a score that is no number or +∞."""


class Mean(NamedTuple):
    """A mean over episodes and the half width of its 95 % interval (normal approximation)."""

    value: float
    interval: float


@torch.no_grad()
def predictions(learner: Learner, classes: ClassSet, episodes: Episodes) -> Tensor:
    """The learner's predicted labels of the queries of each episode, (E, Q·N); UNUSABLE for want of one.

    Features that do not depend on the episode are computed once for every sample of the classes.
    """
    training = learner.training
    learner.eval()
    try:
        if isinstance(learner, FeatureLearner):
            return _by_features(learner, classes, episodes)
        size = max(1, IMAGES_AT_ONCE // (episodes.support.shape[1] + episodes.query.shape[1]))
        found = [
            learner(classes.at(piece.support), piece.support_labels, classes.at(piece.query), piece.ways)
            for piece in episodes.pieces(size)
        ]
        return torch.cat([labels_of(scores) for scores in found])
    finally:
        learner.train(training)


def accuracies(found: Tensor, episodes: Episodes) -> Tensor:
    """The share of correct labels in each episode, (E,)."""
    return (found == episodes.query_labels).double().mean(1)


def mean_over_episodes(values: Tensor) -> Mean:
    """Mean and half width of its 95 % interval."""
    return Mean(float(values.mean()), 1.96 * float(values.std()) / math.sqrt(len(values)))


def _by_features(learner: FeatureLearner, classes: ClassSet, episodes: Episodes) -> Tensor:
    everything = torch.arange(len(classes) * classes.samples, device=classes.device)
    features = torch.cat([learner.network(classes.at(one)) for one in everything.split(IMAGES_AT_ONCE)])
    return torch.cat(
        [
            labels_of(
                learner.read_out(
                    features[piece.support], piece.support_labels, features[piece.query], piece.ways
                )
            )
            for piece in episodes.pieces(_EPISODES_AT_ONCE)
        ]
    )


def labels_of(scores: Tensor) -> Tensor:
    """The labels with the highest scores, (E, Q·N), from scores (E, Q·N, N)."""
    return scores.argmax(2).masked_fill(unusable(scores).any(2), UNUSABLE)

"""Forward passes of a learner's network and read-out, on which their operations are counted."""

from collections.abc import Callable

import torch

from hpbench.few_shot.episodes import Episodes
from hpbench.few_shot.learner import NETWORK, READ_OUT, Learner
from hpbench.tasks.few_shot import ClassSet


def showing(learner: Learner, classes: ClassSet, episodes: Episodes) -> Callable[[], None]:
    """A function that runs these episodes through the learner's network and read-out, in evaluation mode.

    The network has its meta-learned weights, without inner steps, for support and queries alike. The function
    does nothing for a learner without parts.
    """

    @torch.no_grad()
    def look() -> None:
        parts = learner.parts()
        if not parts:
            return
        training = learner.training
        learner.eval()
        try:
            shown = episodes.support.shape[1]
            images = classes.at(torch.cat([episodes.support, episodes.query], 1))
            features = parts[NETWORK](images.flatten(0, 1)).unflatten(0, images.shape[:2])
            parts[READ_OUT](features[:, :shown], episodes.support_labels, features[:, shown:], episodes.ways)
        finally:
            learner.train(training)

    return look

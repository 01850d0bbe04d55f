"""Distillation from the network as it was before the experience, by Avalanche's plugins.

As teacher the earlier network is in evaluation mode, so that its Hebbian trace is frozen.
"""

import copy
from typing import Any

from avalanche.training.losses import ICaRLLossPlugin
from avalanche.training.plugins import LwFPlugin


class Distillation(LwFPlugin):
    """Learning without forgetting: Li and Hoiem, ECCV 2016."""

    def after_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Copy the network as teacher.

        Avalanche's method needs a `task_set` of the dataset, which ours lacks, and leaves the trace active.
        """
        self.lwf.expcount += 1
        self.lwf.prev_model = copy.deepcopy(strategy.model).eval()
        for label in strategy.experience.task_labels:
            self.lwf.prev_classes_by_task[label] |= set(strategy.experience.classes_in_this_experience)


class OldAndNewClasses(ICaRLLossPlugin):
    """iCaRL's loss: Rebuffi et al., CVPR 2017."""

    def after_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Keep the network as teacher."""
        super().after_training_exp(strategy, **kwargs)
        self.old_model.extractor.eval()

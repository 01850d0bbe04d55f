"""Selection of the best pass (epoch) of an experience on validation data."""

import copy
from typing import Any

import torch
from avalanche.core import SupervisedPlugin
from avalanche.models import avalanche_forward

from hpbench.core.stages import Stages
from hpbench.learning.benchmark import TensorStore


class BestPass(SupervisedPlugin):
    """Restores the model of the pass with the highest accuracy on the experience's validation part.

    The first wins a tie. Joint training is validated on all validation parts together. `stages` gets the
    highest accuracy so far after each pass.
    """

    def __init__(self, validation: Any, store: TensorStore, stages: Stages | None = None) -> None:
        super().__init__()
        self.validation = list(validation)
        self.store = store
        self.stages = stages
        self._best = -1.0
        self._state: dict[str, Any] = {}

    def before_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Reset for a new experience."""
        self._best, self._state = -1.0, {}

    def after_training_epoch(self, strategy: Any, **kwargs: Any) -> None:
        """Validate the pass that has just ended."""
        joint = len(getattr(strategy, "_experiences", ())) > 1
        parts = self.validation if joint else [self.validation[strategy.experience.current_experience]]
        accuracy = self._accuracy(strategy, parts)
        if accuracy > self._best:
            self._best, self._state = accuracy, copy.deepcopy(strategy.model.state_dict())
        if self.stages is not None:
            self.stages.add(self._best)

    # Runs before other plugins use the trained model (EWC's importances, replay's memory).
    def after_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Restore the best pass."""
        strategy.model.load_state_dict(self._state)

    @torch.no_grad()
    def _accuracy(self, strategy: Any, parts: list[Any]) -> float:
        strategy.model.eval()
        right = total = 0
        for part in parts:
            for inputs, targets, *_, labels in self.store.batches(
                part.dataset, strategy.eval_mb_size, shuffle=False
            ):
                scores = avalanche_forward(strategy.model, inputs, labels)
                right += int((scores.argmax(1) == targets).sum())
                total += len(targets)
        strategy.model.train()
        return right / total

"""Avalanche's templates on data in memory."""

from typing import Any

from avalanche.training import JointTraining
from avalanche.training.templates import SupervisedTemplate

from hpbench.learning.benchmark import TensorStore


class InMemory:
    """Takes batches from a TensorStore, set by the protocol, instead of Avalanche's loader."""

    store: TensorStore | None = None

    def make_train_dataloader(self: Any, **kwargs: Any) -> None:
        """Shuffled batches of the adapted dataset; plugins may replace them by their own loader."""
        self.dataloader = self.store.batches(self.adapted_dataset, self.train_mb_size, shuffle=True)

    def make_eval_dataloader(self: Any, **kwargs: Any) -> None:
        """Batches in the order of the data."""
        self.dataloader = self.store.batches(self.adapted_dataset, self.eval_mb_size, shuffle=False)


class ContinualTemplate(InMemory, SupervisedTemplate):
    """Avalanche's SupervisedTemplate on data in memory."""


class JointTemplate(InMemory, JointTraining):
    """Avalanche's JointTraining on data in memory."""

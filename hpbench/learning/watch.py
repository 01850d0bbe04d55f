"""Plugins that observe a strategy: learning curve, progress, predictions."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from avalanche.core import SupervisedPlugin
from torch import Tensor

from hpbench.tasks.divergence import unusable


@dataclass(frozen=True)
class Point:
    """A point of the learning curve, the mean over some batches: samples seen so far (all experiences), loss
    (None if not finite), accuracy, and whether loss or scores were no numbers (see `tasks.divergence`)."""

    experience: int
    samples: int
    loss: float | None
    accuracy: float
    diverged: bool = False


@dataclass(frozen=True)
class Progress:
    """Progress of training; counts start at 0."""

    experience: int
    experiences: int
    epoch: int
    epochs: int
    batch: int
    batches: int
    samples: int
    loss: float
    accuracy: float

    @property
    def share(self) -> float:
        """Share of the training that is done."""
        within = (self.epoch + self.batch / self.batches) / self.epochs
        return (self.experience + within) / self.experiences

    def words(self, elapsed: float) -> str:
        """Text of a progress line; `elapsed` in seconds."""
        rate = f"{self.samples / elapsed:,.0f}/s" if elapsed else ""
        return (
            f"experience {self.experience + 1}/{self.experiences} pass {self.epoch + 1}/{self.epochs} "
            f"batch {self.batch}/{self.batches} loss {self.loss:.4f} {rate}"
        )


class LearningCurve(SupervisedPlugin):
    """Mean loss and accuracy on training batches, at about `stretches` points per pass.

    Sums stay on the device between points, to avoid waiting for a GPU at every batch. `trainings` has for
    each experience the number of calls of `train()` that it takes: one, or one per batch if boundaries are
    hidden.
    """

    def __init__(
        self, report: Callable[[Progress], None], trainings: Sequence[int], epochs: int, stretches: int = 20
    ) -> None:
        super().__init__()
        self.report = report
        self.trainings = trainings
        self.epochs_planned = epochs
        self.stretches = stretches
        self.points: list[Point] = []
        self.epochs: list[int] = []
        self.experience = -1
        self.samples = 0
        self._pieces = self._batch = 0  # parts still to come of this experience; batches of this pass
        self._forget()

    def _forget(self) -> None:
        self._count = self._seen = 0
        self._loss: Tensor | float = 0.0
        self._diverged: Tensor | bool = False
        self._right: Tensor | float = 0.0

    def before_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """A new experience begins, or the next part of one."""
        if self._pieces == 0:
            self.experience += 1
            self.epochs.append(0)
            self._pieces = self.trainings[self.experience]
            self._batch = 0
        self._pieces -= 1

    def before_training_epoch(self, strategy: Any, **kwargs: Any) -> None:
        """A new pass begins."""
        if self.trainings[self.experience] == 1:
            self._batch = 0

    def after_training_iteration(self, strategy: Any, **kwargs: Any) -> None:
        """Add a batch; add a point if enough batches have come."""
        with torch.no_grad():
            loss, scores = strategy.loss.detach(), strategy.mb_output
            self._loss += loss
            # The score −∞ of a class not seen before makes the loss no number, which is no divergence.
            lost = ~loss.isfinite() & ~scores.isneginf().any()
            self._diverged |= lost | unusable(scores).any()
            self._right += (strategy.mb_output.argmax(1) == strategy.mb_y).sum()
        self._count += 1
        self._batch += 1
        self._seen += len(strategy.mb_y)
        if self._count >= self._batches(strategy) / self.stretches:
            self._close(strategy)

    def after_training_epoch(self, strategy: Any, **kwargs: Any) -> None:
        """Add a point, so that none spans two passes."""
        if self._pieces:
            return
        if self._count:
            self._close(strategy)
        self.epochs[-1] += 1

    @property
    def diverged(self) -> str:
        """When training first diverged, in words; empty if it never did."""
        first = next((point for point in self.points if point.diverged), None)
        if first is None:
            return ""
        return f"loss in experience {first.experience + 1}, by sample {first.samples}"

    def _batches(self, strategy: Any) -> int:
        """Batches of a pass."""
        return len(strategy.dataloader) * self.trainings[self.experience]

    def _close(self, strategy: Any) -> None:
        self.samples += self._seen
        loss, accuracy = float(self._loss) / self._count, float(self._right) / self._seen
        finite = loss if math.isfinite(loss) else None
        self.points.append(Point(self.experience, self.samples, finite, accuracy, bool(self._diverged)))
        self.report(
            Progress(
                self.experience,
                len(self.trainings),
                self.epochs[-1],
                self.epochs_planned,
                self._batch,
                self._batches(strategy),
                self.samples,
                loss,
                accuracy,
            )
        )
        self._forget()


class Predictions(SupervisedPlugin):
    """Counts (target, prediction) pairs of the last evaluation, one (K, K) matrix per experience."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.outputs = outputs
        self.confusions: list[Tensor] = []
        self._unusable: Tensor | bool = False  # on the device, until somebody asks

    def before_eval(self, strategy: Any, **kwargs: Any) -> None:
        """Reset for a new evaluation."""
        self.confusions = []

    def before_eval_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Add a matrix for the next experience."""
        self.confusions.append(torch.zeros(self.outputs**2, dtype=torch.long, device=strategy.device))

    def after_eval_forward(self, strategy: Any, **kwargs: Any) -> None:
        """Count a batch."""
        self._unusable = unusable(strategy.mb_output).any() | self._unusable
        pairs = strategy.mb_y * self.outputs + strategy.mb_output.argmax(1)
        self.confusions[-1] += torch.bincount(pairs, minlength=self.outputs**2)

    @property
    def unusable(self) -> bool:
        """Whether any score at any test so far was no number or +∞."""
        return bool(self._unusable)

    def matrices(self) -> list[Tensor]:
        """Rows are targets, columns are predictions."""
        return [matrix.view(self.outputs, self.outputs).cpu() for matrix in self.confusions]

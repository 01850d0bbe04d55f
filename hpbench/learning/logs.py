"""Training curves and accuracies for TensorBoard, by Avalanche's logger.

Avalanche 0.6 has one for Weights & Biases too, which calls functions that W&B has since removed.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from hpbench.core.errors import InputError


class Log:
    """An open log: loss and accuracy of every training batch, pass and test, as Avalanche measures them."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def watch(self, strategy: Any) -> None:
        """Log what happens to an Avalanche strategy from now on."""
        from avalanche.evaluation.metrics import accuracy_metrics, loss_metrics
        from avalanche.training.plugins import EvaluationPlugin

        everything = dict.fromkeys(("minibatch", "epoch", "experience", "stream"), True)
        metrics = [accuracy_metrics(**everything), loss_metrics(**everything)]
        strategy.plugins.append(EvaluationPlugin(*metrics, loggers=[self._logger]))

    def point(self, name: str, value: float, number: int) -> None:
        """Point `number` of the curve of this name."""
        self._logger.log_single_metric(name, value, number)


_Made = TypeVar("_Made")


def made_anew(log: str, folder: Path, make: Callable[[Path], _Made]) -> _Made:
    """What `make` makes in this folder, from which an earlier log is removed.

    Raises InputError if the folder cannot be written.
    """
    try:
        if folder.is_dir():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        return make(folder)
    except OSError as error:
        raise InputError(f"log={log}: cannot write {folder} ({error.strerror})") from error


@contextmanager
def logged(folder: Path) -> Iterator[Log]:
    """An open log in this folder, from which an earlier one is removed.

    Raises InputError if the folder cannot be written.
    """
    from avalanche.logging import TensorboardLogger

    logger = made_anew("tensorboard", folder, lambda place: TensorboardLogger(str(place)))
    try:
        yield Log(logger)
    finally:
        logger.writer.close()

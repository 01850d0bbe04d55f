"""The points of a training at which its state can be written, and how it goes on from there.

Avalanche's training loop is left only at its end, so its state is written inside it: between two batches of
a TensorStore, and after a pass. Going on means to call what was left to do of the loop. What a template does
in a loop of its own is not known: its state is written between two experiences.
"""

from typing import Any

from avalanche.core import SupervisedPlugin
from avalanche.training import DER, JointTraining
from avalanche.training.templates.base_sgd import BaseSGDTemplate
from avalanche.training.templates.update_type import SGDUpdate
from torch import Tensor

from hpbench.learning.benchmark import Batches
from hpbench.states.states import States

_LOOPS = {
    "train": (BaseSGDTemplate.train, JointTraining.train),
    "_train_exp": (BaseSGDTemplate._train_exp,),
    "_after_training_epoch": (BaseSGDTemplate._after_training_epoch,),
}
"""The methods that the functions below continue, for which a template must have no others."""


class Pauses(SupervisedPlugin):
    """Writes the state after passes and between batches. Must be the last plugin of its strategy."""

    def __init__(self, states: States) -> None:
        super().__init__()
        self.states = states
        self.inside = ""
        """Where training is in an experience: within a "pass", between two "passes", or "" outside."""
        self._passes = self._planned = self._batches = 0
        self._busy = False

    def go_on(self, strategy: Any) -> None:
        """Do what was left to do of `strategy.train` when the state was made."""
        if self.inside == "pass":
            strategy.dataloader.goes_on = True
            strategy.training_epoch()
            strategy._after_training_epoch()
        for _ in range(self._passes, self._planned):
            strategy._before_training_epoch()
            if strategy._stop_training:
                strategy._stop_training = False
                break
            strategy.training_epoch()
            strategy._after_training_epoch()
        strategy._after_training_exp()
        strategy._after_training()
        if isinstance(strategy, JointTraining):
            strategy._is_fitted = True
        else:
            strategy._train_cleanup()
        self.inside = ""

    def words(self) -> str:
        """Where in an experience training is, in words."""
        if self.inside == "pass":
            return f"pass {self._passes + 1} of {self._planned}, after batch {self._batches}"
        return f"after pass {self._passes} of {self._planned}"

    def before_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """An experience begins."""
        self._passes, self._planned = 0, strategy.train_epochs
        self._strategy = strategy

    def before_training_epoch(self, strategy: Any, **kwargs: Any) -> None:
        """A pass begins: it may be left between its batches, if they are ours and the loop is known."""
        self._batches = 0
        if isinstance(strategy.dataloader, Batches) and _known(strategy) and _known_pass(strategy):
            strategy.dataloader.between = self.between_batches

    def before_training_iteration(self, strategy: Any, **kwargs: Any) -> None:
        """A batch begins."""
        self._busy = True

    def after_training_iteration(self, strategy: Any, **kwargs: Any) -> None:
        """A batch ends."""
        self._busy = False
        self._batches += 1

    def between_batches(self, given: int) -> None:
        """Write the state if it is due; `given` batches of this pass have been given out and learned."""
        # Others may iterate over the batches in the meantime.
        if self.states.due and not self._busy and given == self._batches:
            self._write("pass")

    def after_training_epoch(self, strategy: Any, **kwargs: Any) -> None:
        """A pass ends."""
        self._passes += 1
        if (self.states.due_early or self.states.due) and _known(strategy):
            self._write("passes")

    def after_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """An experience ends."""
        self.inside = ""

    def _write(self, inside: str) -> None:
        self.inside = inside
        for name in ("loss", "mb_output"):  # their graphs have served
            found = getattr(self._strategy, name)
            if isinstance(found, Tensor):
                setattr(self._strategy, name, found.detach())
        self.states.write()


def _known(strategy: Any) -> bool:
    return all(getattr(type(strategy), name) in known for name, known in _LOOPS.items())


def _known_pass(strategy: Any) -> bool:
    """Whether a pass has no variables that last from one batch to the next."""
    loop = type(strategy).training_epoch
    own = loop.__module__.partition(".")[0] == "hpbench"
    return own or loop in (SGDUpdate.training_epoch, DER.training_epoch)

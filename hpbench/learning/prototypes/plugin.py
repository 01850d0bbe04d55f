"""Hebbian prototypes as a plugin: a class memory whose scores are mixed with the network's (Eqs. 14–17)."""

from typing import Any

import torch
from avalanche.core import SupervisedPlugin
from avalanche.training.templates.update_type import SGDUpdate
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.learning.features import find_module, modules_before
from hpbench.learning.heads import inner_network
from hpbench.learning.prototypes.feature_drift import fix, slow_down
from hpbench.learning.prototypes.memory import PrototypeMemory
from hpbench.learning.prototypes.reader import PrototypeReader
from hpbench.learning.prototypes.settings import PrototypeSettings
from hpbench.tasks.continual import ContinualTask


class HebbianPrototypes(SupervisedPlugin):
    """Maintains class means of features and mixes their scores with those of the strategy's model.

    During an experience, in training or evaluation, every call of the model returns the mix of Eq. 16 (in
    training only if `prototype_training` is "mix"), also for plugins. The hooks for this are removed between
    experiences, where plugins copy or replace the model. A training sample is added to the memory once in the
    whole stream, after its batch has been learned; replayed samples and further passes add nothing. No sample
    is stored.

    Must come after the strategy's other plugins. Raises InputError if the network does not provide the
    features, and in training for a loop that is not Avalanche's own.
    """

    def __init__(self, settings: PrototypeSettings, network: torch.nn.Module, task: ContinualTask) -> None:
        super().__init__()
        self.settings = settings
        self.reader = PrototypeReader(settings, network, task)
        self._batch: tuple[Tensor, Tensor, Tensor, tuple[Tensor | None, Tensor]] | None = None
        self.counted = torch.zeros(sum(len(part.targets) for part in task.train), dtype=torch.bool)
        self.experiences = 0

    @property
    def memory(self) -> PrototypeMemory:
        """The class memory."""
        return self.reader.memory

    # -- Training

    def before_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Attach to the model of this experience; after the first, freeze or slow down its hidden layers."""
        _check(strategy)
        self.to(strategy.device)
        self.reader.attach(strategy.model)
        if self.reader.units is not None:
            self.reader.units.begin()
        drift = self.settings.feature_drift
        later = self.experiences > 0
        self._slowed = self._before(strategy) if later and drift in ("fixed", "slow") else []
        if drift == "slow":
            slow_down(strategy.optimizer, self._slowed, self.settings.slow_factor)
        elif drift == "refreshed":
            self._earlier = self.memory.snapshot(), self.counted.clone()

    def _before(self, strategy: Any) -> list[torch.nn.Module]:
        network = inner_network(strategy.model)
        return modules_before(network, find_module(network, self.settings.prototype_of))

    def before_forward(self, strategy: Any, **kwargs: Any) -> None:
        """Freeze the hidden layers at every batch, since other plugins reset the model's mode."""
        if self.settings.feature_drift == "fixed":
            fix(self._slowed)

    def after_forward(self, strategy: Any, **kwargs: Any) -> None:
        """Store the batch's features until it has been learned; other plugins may run the model before."""
        rows = strategy.mbatch[2]
        self._batch = (
            self.reader.features.detach(),
            self.reader.classes(strategy.mb_y, strategy.mb_task_id),
            rows,
            self.reader.inputs_of_layers,
        )

    def after_training_iteration(self, strategy: Any, **kwargs: Any) -> None:
        """Add the batch's samples that have not been counted, and let plastic layers learn from them."""
        assert self._batch is not None
        features, classes, rows, inputs = self._batch
        self._batch = None
        self.reader.forget()
        new = self._new(rows)
        self.memory.add(features[new], classes[new])
        self.reader.learn(inputs, new)

    def _new(self, rows: Tensor) -> Tensor:
        """Positions of the rows seen for the first time, in their order; marks them as counted."""
        rising, order = rows.sort(stable=True)  # the first of equal rows comes first
        fresh = ~self.counted[rising]
        fresh[1:] &= rising[1:] != rising[:-1]
        self.counted[rising] = True
        return order[fresh].sort().values

    def after_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Detach from the model; with `refreshed`, recompute the experience's part of the memory."""
        self.reader.detach()
        self.experiences += 1
        if self.settings.feature_drift == "refreshed":
            self._refresh(strategy)
        self.memory.fold()  # no features are held beyond their experience

    @torch.no_grad()
    def _refresh(self, strategy: Any) -> None:
        """Recompute the statistics of this experience's samples with the present network."""
        snapshot, counted = self._earlier
        del self._earlier
        self.memory.restore(snapshot)
        store, network = strategy.store, inner_network(strategy.model)
        rows = (self.counted & ~counted).nonzero().squeeze(1)
        network.eval()
        for some in rows.split(strategy.eval_mb_size):
            inputs, targets, *_, labels = store.batch(some)
            self.memory.add(self.reader.features_by(network, inputs), self.reader.classes(targets, labels))

    # -- Evaluation

    def before_eval(self, strategy: Any, **kwargs: Any) -> None:
        """Reset the measurement of the local share."""
        self.to(strategy.device)
        self.reader.sizes = torch.zeros_like(self.reader.sizes)

    def before_eval_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Attach to the model, which may not be the one of training."""
        self.reader.measuring = not self.reader.is_attached
        if self.reader.measuring:
            self.reader.attach(strategy.model)

    def after_eval_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Detach from the model, unless it is evaluated during training."""
        if self.reader.measuring:
            self.reader.detach()
        self.reader.measuring = False

    # -- State

    def to(self, device: torch.device) -> None:
        """Move everything to a device."""
        self.reader.parts.to(device)
        self.counted, self.reader.sizes = self.counted.to(device), self.reader.sizes.to(device)

    def state_dict(self) -> dict[str, Any]:
        """Everything that later experiences depend on."""
        return {
            "parts": self.reader.parts.state_dict(),
            "counted": self.counted,
            "experiences": self.experiences,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a state."""
        self.reader.parts.load_state_dict(state["parts"])
        self.counted = state["counted"].clone()
        self.experiences = state["experiences"]

    def details(self) -> dict[str, Any]:
        """For the run's record: local share of the last evaluation, samples by class, sizes, operations."""
        local, total = float(self.reader.sizes[0]), float(self.reader.sizes.sum())
        return {
            "local_share": local / total if total else None,
            "samples_by_class": self.memory.counts.tolist(),
            "features": self.memory.means.shape[1],
            **self.memory.per_sample,
        }


def _check(strategy: Any) -> None:
    if type(strategy).training_epoch is not SGDUpdate.training_epoch:
        raise InputError(
            f"prototypes=true: {type(strategy).__name__} has a training loop of its own; prototypes need the "
            "callbacks of Avalanche's own loop"
        )
    store = getattr(strategy, "store", None)
    if store is None or not store.with_rows:
        raise InputError(
            "prototypes=true: batches must contain row numbers, so that each sample is counted once; the "
            "strategy must be made by hpbench.learning.supervised.supervised()"
        )

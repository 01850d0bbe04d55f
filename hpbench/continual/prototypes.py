"""Hebbian prototypes as a plugin: a class memory whose scores are mixed into the network's (Eqs. 14–17)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from avalanche.core import SupervisedPlugin
from avalanche.training.templates.update_type import SGDUpdate
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from hpbench.continual.expansion import SpikingExpansion
from hpbench.continual.feature_drift import fix, slow_down
from hpbench.continual.features import features_of, find_module, modules_before
from hpbench.continual.heads import TaskHeads
from hpbench.continual.prototype_memory import PrototypeMemory
from hpbench.continual.prototype_settings import PrototypeSettings
from hpbench.core.errors import InputError
from hpbench.core.task import ContinualTask
from hpbench.plasticity.prototypes import mixed, mixing_weight
from hpbench.spiking.hybrid_window import Window


class HebbianPrototypes(SupervisedPlugin):
    """Keeps class means of features and mixes their scores into those of the strategy's model.

    Whoever calls the model between the beginning and the end of an experience, in training or evaluation,
    gets the mix of Eq. 16 (in training only if `prototype_training` is "mix"): the loss, a plugin's penalty,
    the selection of a pass. The hooks that do it are taken off in between, since plugins copy or replace the
    model there. A training sample is added to the memory once in the whole stream, after its batch has been
    learned; replayed ones and further passes add nothing. No sample is kept. With one head per task, the
    classes of all tasks lie in one memory, and a sample reads those of its own task.

    Belongs behind the strategy's other plugins. Raises InputError if the features cannot be had from the
    network, and in training for a loop that is not Avalanche's own.
    """

    def __init__(self, settings: PrototypeSettings, network: torch.nn.Module, task: ContinualTask) -> None:
        super().__init__()
        self.settings = settings
        self.heads = len(task.train) if task.multi_head else 1
        self._handles: list[RemovableHandle] = []
        self._batch: tuple[Tensor, Tensor, Tensor] | None = None
        self._seen: Window | Tensor | None = None
        self._measuring = False
        self._sizes = torch.zeros(2, dtype=torch.double)
        self.expansion: SpikingExpansion | None = None
        seen = self._look(network, task)
        if settings.expansion:
            size = features_of(seen, "raw").shape[1]
            self.expansion = SpikingExpansion(
                size, settings.expansion, settings.expansion_fan_in, task.time_steps, torch.initial_seed()
            )
        self.memory = PrototypeMemory(
            task.outputs,
            self._features(seen).shape[1],
            settings.prototype_read_out,
            centred=settings.prototype_features == "centred",
            decay=settings.prototype_decay,
            shrinkage=settings.shrinkage,
        )
        self.counted = torch.zeros(sum(len(part.targets) for part in task.train), dtype=torch.bool)
        self.experiences = 0

    @torch.no_grad()
    def _look(self, network: torch.nn.Module, task: ContinualTask) -> Window | Tensor:
        """What the module sees of one sample."""
        mode = network.training
        with torch.random.fork_rng(devices=[]), self._tapped(network):  # an encoder may draw random spikes
            network.eval()(torch.zeros(1, *task.input_shape))
        network.train(mode)
        if not isinstance(self._seen, (Window, Tensor)):
            raise InputError(
                f"prototype_of={self.settings.prototype_of}: this module is not run, or its input is neither "
                "a tensor nor a window of spikes"
            )
        return self._seen

    @contextmanager
    def _tapped(self, network: torch.nn.Module) -> Iterator[None]:
        handle = find_module(network, self.settings.prototype_of).register_forward_pre_hook(self._tap())
        try:
            yield
        finally:
            handle.remove()

    # Hooks are plain functions: a model that is copied with a bound method would copy the plugin too.
    def _tap(self) -> Any:
        def keep(module: torch.nn.Module, arguments: tuple[Any, ...]) -> None:
            self._seen = arguments[0]

        return keep

    def _features(self, seen: Window | Tensor) -> Tensor:
        """Features (B, n) of what the module sees."""
        return features_of(
            self.expansion(seen) if self.expansion is not None else seen, self.settings.prototype_features
        )

    # -- The mix

    @contextmanager
    def attached(self, model: torch.nn.Module) -> Iterator[None]:
        """Within this, the model's scores are the mix."""
        self._attach(model)
        try:
            yield
        finally:
            self._detach()

    def _attach(self, model: torch.nn.Module) -> None:
        def mix(module: torch.nn.Module, arguments: tuple[Any, ...], scores: Any) -> Tensor | None:
            assert self._seen is not None
            if not isinstance(scores, Tensor):  # scores of all heads, asked for by task label None
                return None
            self._kept = self._features(self._seen)
            if module.training and self.settings.prototype_training == "apart":
                return None
            labels = arguments[1] if self.heads > 1 else None
            return self._mixed(scores, self._kept, labels)

        module = find_module(_network(model), self.settings.prototype_of)
        self._handles = [module.register_forward_pre_hook(self._tap()), model.register_forward_hook(mix)]

    def _detach(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def _mixed(self, scores: Tensor, features: Tensor, labels: Tensor | None) -> Tensor:
        local = self.memory.scores(features)
        weight = mixing_weight(self.settings.mix, self.memory.counts, self.settings.mix_samples)
        if labels is not None:
            own = torch.arange(len(local), device=local.device), labels
            local = local.unflatten(1, (self.heads, -1))[own]
            weight = weight.unflatten(0, (self.heads, -1))[labels]
        if self._measuring:
            sizes = [((1 - weight) * local).abs().sum(), (weight * scores).abs().sum()]
            self._sizes = self._sizes + torch.stack(sizes).double()
        return mixed(scores, local, weight)

    # -- Training

    def before_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Attach to the model of this experience; hold or slow its hidden layers after the first."""
        _check(strategy)
        self.to(strategy.device)
        self._attach(strategy.model)
        drift = self.settings.feature_drift
        later = self.experiences > 0
        self._slowed = self._before(strategy) if later and drift in ("fixed", "slow") else []
        if drift == "slow":
            slow_down(strategy.optimizer, self._slowed, self.settings.slow_factor)
        elif drift == "refreshed":
            self._earlier = self.memory.snapshot(), self.counted.clone()

    def _before(self, strategy: Any) -> list[torch.nn.Module]:
        network = _network(strategy.model)
        return modules_before(network, find_module(network, self.settings.prototype_of))

    def before_forward(self, strategy: Any, **kwargs: Any) -> None:
        """Hold the hidden layers at every batch: other plugins set the model's mode anew."""
        if self.settings.feature_drift == "fixed":
            fix(self._slowed)

    def after_forward(self, strategy: Any, **kwargs: Any) -> None:
        """Keep the batch's features until it has been learned; a plugin may run the model again before."""
        rows = strategy.mbatch[2]
        self._batch = self._kept.detach(), self._classes(strategy.mb_y, strategy.mb_task_id), rows

    def after_training_iteration(self, strategy: Any, **kwargs: Any) -> None:
        """Add the batch's samples that have not been counted."""
        assert self._batch is not None
        features, classes, rows = self._batch
        self._batch = None
        new = self._new(rows)
        self.memory.add(features[new], classes[new])

    def _new(self, rows: Tensor) -> Tensor:
        """Positions of the rows that are met for the first time, in their order; they are counted now."""
        once, where = torch.unique(rows, return_inverse=True)
        first = torch.full_like(once, len(rows)).scatter_reduce_(
            0, where, torch.arange(len(rows), device=rows.device), "amin"
        )
        fresh = ~self.counted[once]
        self.counted[once[fresh]] = True
        return first[fresh].sort().values

    def after_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Make the experience's part of the memory anew, if asked for; let go of the model."""
        self._detach()
        self.experiences += 1
        if self.settings.feature_drift == "refreshed":
            self._refresh(strategy)
        self.memory.fold()  # nothing of a sample waits longer than its experience

    @torch.no_grad()
    def _refresh(self, strategy: Any) -> None:
        """Statistics of the samples counted in this experience, by the network as it is now."""
        snapshot, counted = self._earlier
        del self._earlier
        self.memory.restore(snapshot)
        store, network = strategy.store, _network(strategy.model)
        rows = (self.counted & ~counted).nonzero().squeeze(1)
        network.eval()
        with self._tapped(network):
            for some in rows.split(strategy.eval_mb_size):
                network(store.inputs[some])
                assert self._seen is not None
                self.memory.add(
                    self._features(self._seen), self._classes(store.targets[some], store.task_labels[some])
                )

    def _classes(self, targets: Tensor, labels: Tensor) -> Tensor:
        """Targets (B,) as rows of the memory."""
        return targets if self.heads == 1 else labels * (len(self.memory.counts) // self.heads) + targets

    # -- Evaluation

    def before_eval(self, strategy: Any, **kwargs: Any) -> None:
        """Measure the local share anew."""
        self.to(strategy.device)
        self._sizes = torch.zeros_like(self._sizes)

    def before_eval_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Attach to the model, which may be another than in training."""
        self._measuring = not self._handles
        if self._measuring:
            self._attach(strategy.model)

    def after_eval_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Let go of the model, unless it is evaluated within training."""
        if self._measuring:
            self._detach()
        self._measuring = False

    # -- State

    @property
    def parts(self) -> torch.nn.ModuleDict:
        """What the learner holds because of this plugin: the memory and the expansion."""
        held: dict[str, torch.nn.Module] = {"memory": self.memory}
        return torch.nn.ModuleDict(held if self.expansion is None else held | {"expansion": self.expansion})

    def to(self, device: torch.device) -> None:
        """Move everything to a device."""
        self.parts.to(device)
        self.counted, self._sizes = self.counted.to(device), self._sizes.to(device)

    def state_dict(self) -> dict[str, Any]:
        """Everything that a later experience depends on."""
        return {
            "parts": self.parts.state_dict(),
            "counted": self.counted,
            "experiences": self.experiences,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where the state was taken."""
        self.parts.load_state_dict(state["parts"])
        self.counted = state["counted"].clone()
        self.experiences = state["experiences"]

    def details(self) -> dict[str, Any]:
        """What the record says: local share of the last evaluation, samples by class, sizes, operations."""
        local, total = float(self._sizes[0]), float(self._sizes.sum())
        return {
            "local_share": local / total if total else None,
            "samples_by_class": self.memory.counts.tolist(),
            "features": self.memory.means.shape[1],
            **self.memory.operations,
        }


def _network(model: torch.nn.Module) -> torch.nn.Module:
    return model.network if isinstance(model, TaskHeads) else model


def _check(strategy: Any) -> None:
    if type(strategy).training_epoch is not SGDUpdate.training_epoch:
        raise InputError(
            f"prototypes=true: {type(strategy).__name__} has a training loop of its own, which tells nobody "
            "what has been read out when; prototypes need Avalanche's own loop"
        )
    store = getattr(strategy, "store", None)
    if store is None or not store.with_rows:
        raise InputError(
            "prototypes=true: batches must say which samples they hold, so that each is counted once; the "
            "strategy must be made by hpbench.continual.supervised.supervised()"
        )

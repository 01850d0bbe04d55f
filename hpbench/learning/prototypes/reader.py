"""What a model's forward pass reads from a class memory, and how it is mixed into the scores."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from hpbench.core.errors import InputError
from hpbench.learning.features import features_of, find_module
from hpbench.learning.heads import inner_network
from hpbench.learning.prototypes.memory import PrototypeMemory
from hpbench.learning.prototypes.settings import PrototypeSettings
from hpbench.plasticity.prototypes import mixed, mixing_weight
from hpbench.spiking.random.columns import SpikingColumns
from hpbench.spiking.random.expansion import SpikingExpansion
from hpbench.spiking.window import Window
from hpbench.tasks.continual import ContinualTask


class PrototypeReader:
    """Taps a module of the network, makes features of what enters it, and mixes what the memory says of them.

    `features` are those of the last forward pass of a model that it is attached to. With one head per task,
    the classes of all tasks lie in one memory, and a sample reads those of its own task. While `measuring`,
    the sizes of both parts of the mix are added up in `sizes`: local, global.
    Raises InputError if the features cannot be had from the network.
    """

    features: Tensor

    def __init__(self, settings: PrototypeSettings, network: torch.nn.Module, task: ContinualTask) -> None:
        self.settings = settings
        self.heads = len(task.train) if task.multi_head else 1
        self.measuring = False
        self.sizes = torch.zeros(2, dtype=torch.double)
        self.expansion: SpikingExpansion | SpikingColumns | None = None
        self._handles: list[RemovableHandle] = []
        self._seen: Window | Tensor | None = None
        seen = self._look(network, task)
        size, steps, seed = features_of(seen, "raw").shape[1], task.time_steps, torch.initial_seed()
        if settings.expansion:
            self.expansion = SpikingExpansion(
                size, settings.expansion, settings.expansion_fan_in, steps, seed
            )
        elif settings.columns:
            field, pool = settings.column_field, settings.column_pool
            self.expansion = SpikingColumns(size, settings.columns, steps, seed, field=field, pool=pool)
        self.memory = PrototypeMemory(
            task.outputs,
            self._features(seen).shape[1],
            settings.prototype_read_out,
            centred=settings.prototype_features == "centred",
            decay=settings.prototype_decay,
            shrinkage=settings.prototype_shrinkage,
        )

    def _look(self, network: torch.nn.Module, task: ContinualTask) -> Window | Tensor:
        """What the module sees of one sample."""
        mode = network.training
        with torch.random.fork_rng(devices=[]):  # an encoder may draw random spikes
            seen = self._seen_by(network.eval(), torch.zeros(1, *task.input_shape))
        network.train(mode)
        return seen

    @torch.no_grad()
    def _seen_by(self, network: torch.nn.Module, inputs: Tensor) -> Window | Tensor:
        with self._tapped(network):
            network(inputs)
        if not isinstance(self._seen, (Window, Tensor)):
            raise InputError(
                f"prototype_of={self.settings.prototype_of}: this module is not run, or its input is neither "
                "a tensor nor a window of spikes"
            )
        return self._seen

    def features_by(self, network: torch.nn.Module, inputs: Tensor) -> Tensor:
        """Features (B, n) of inputs (B, …) by a network in its present mode."""
        return self._features(self._seen_by(network, inputs))

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

    @contextmanager
    def attached(self, model: torch.nn.Module) -> Iterator[None]:
        """Within this, the model's scores are the mix."""
        self.attach(model)
        try:
            yield
        finally:
            self.detach()

    @property
    def is_attached(self) -> bool:
        """Whether some model's scores are the mix now."""
        return bool(self._handles)

    def attach(self, model: torch.nn.Module) -> None:
        """From now on the model's scores are the mix."""
        apart = self.settings.prototype_training == "apart"

        def mix(module: torch.nn.Module, arguments: tuple[Any, ...], scores: Any) -> Tensor | None:
            assert self._seen is not None
            if not isinstance(scores, Tensor):  # scores of all heads, asked for by task label None
                return None
            self.features = self._features(self._seen)
            # A copy, such as a teacher, has these hooks too, and is asked for what the loss sees.
            if apart and (module.training or module is not model):
                return None
            labels = arguments[1] if self.heads > 1 else None
            return self._mixed(scores, self.features, labels)

        module = find_module(inner_network(model), self.settings.prototype_of)
        self._handles = [module.register_forward_pre_hook(self._tap()), model.register_forward_hook(mix)]

    def detach(self) -> None:
        """Leave the model as it was."""
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
        if self.measuring:
            sizes = [((1 - weight) * local).abs().sum(), (weight * scores).abs().sum()]
            self.sizes = self.sizes + torch.stack(sizes).double()
        return mixed(scores, local, weight)

    @property
    def parts(self) -> torch.nn.ModuleDict:
        """What the learner holds because of this plugin: the memory and the expansion."""
        held: dict[str, torch.nn.Module] = {"memory": self.memory}
        return torch.nn.ModuleDict(held if self.expansion is None else held | {"expansion": self.expansion})

    def classes(self, targets: Tensor, labels: Tensor) -> Tensor:
        """Targets (B,) as rows of the memory."""
        return targets if self.heads == 1 else labels * (len(self.memory.counts) // self.heads) + targets

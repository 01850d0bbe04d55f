"""Forward hooks that compute prototype scores and mix them with a model's scores."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from hpbench.core.errors import InputError
from hpbench.learning.features import features_of, find_module
from hpbench.learning.heads import inner_network
from hpbench.learning.prototypes.layers import first_layer, second_layer
from hpbench.learning.prototypes.memory import PrototypeMemory
from hpbench.learning.prototypes.settings import PrototypeSettings
from hpbench.plasticity.prototypes import mixed, mixing_weight
from hpbench.spiking.plastic.columns import PlasticColumns
from hpbench.spiking.plastic.units import CompetingUnits
from hpbench.spiking.window import Window
from hpbench.tasks.continual import ContinualTask


class PrototypeReader:
    """Computes features from a module's input, and mixes their prototype scores with the network's.

    `features` are those of the last forward pass of the attached model. With one head per task, one memory
    has the classes of all tasks, and a sample uses those of its own task. While `measuring`, the absolute
    values of both parts of the mix are summed in `sizes`: local, global.
    Raises InputError if the network does not provide the features.
    """

    features: Tensor

    def __init__(self, settings: PrototypeSettings, network: torch.nn.Module, task: ContinualTask) -> None:
        self.settings = settings
        self.heads = len(task.train) if task.multi_head else 1
        self.measuring = False
        self.sizes = torch.zeros(2, dtype=torch.double)
        self._handles: list[RemovableHandle] = []
        self._seen: Window | Tensor | None = None
        seen = self._look(network, task)
        size, steps, seed = features_of(seen, "raw").shape[1], task.time_steps, torch.initial_seed()
        self.expansion = first_layer(settings, size, steps, seed)
        self.units: CompetingUnits | None = None
        self._below = torch.empty(0)
        below = self._features(seen).shape[1]
        self.units = second_layer(settings, below, len(task.train), seed)
        self.memory = PrototypeMemory(
            task.outputs,
            self._features(seen).shape[1],
            settings.prototype_read_out,
            centred=settings.prototype_features == "centred",
            decay=settings.prototype_decay,
            shrinkage=settings.prototype_shrinkage,
        )

    def _look(self, network: torch.nn.Module, task: ContinualTask) -> Window | Tensor:
        """The module's input for one sample."""
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
                f"prototype_of={self.settings.prototype_of}: this module is not called, or its input is not "
                "a tensor or a window of spikes"
            )
        return self._seen

    def features_by(self, network: torch.nn.Module, inputs: Tensor) -> Tensor:
        """Features (B, n) of inputs (B, …), by a network in its present mode."""
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
        """Features (B, n) from the module's input."""
        seen = self.expansion(seen) if self.expansion is not None else seen
        if self.units is not None:
            assert isinstance(seen, Tensor)
            self._below = seen
            seen = self.units(seen)
        return features_of(seen, self.settings.prototype_features)

    @property
    def inputs_of_layers(self) -> tuple[Tensor | None, Tensor]:
        """What plastic columns and units saw in the last forward pass."""
        learns = isinstance(self.expansion, PlasticColumns)
        return self._seen if learns and isinstance(self._seen, Tensor) else None, self._below

    def learn(self, inputs: tuple[Tensor | None, Tensor], new: Tensor) -> None:
        """Plastic layers learn from the samples at the positions `new` of what they saw."""
        images, below = inputs
        if self.units is not None:
            self.units.learn(below[new])
        if images is not None and isinstance(self.expansion, PlasticColumns):
            self.expansion.learn(images[new].flatten(1))

    @contextmanager
    def attached(self, model: torch.nn.Module) -> Iterator[None]:
        """Context in which the model's scores are the mix."""
        self.attach(model)
        try:
            yield
        finally:
            self.detach()

    @property
    def is_attached(self) -> bool:
        """Whether a model is attached."""
        return bool(self._handles)

    def attach(self, model: torch.nn.Module) -> None:
        """Attach to a model: its scores are the mix from now on."""
        apart = self.settings.prototype_training == "apart"

        def mix(module: torch.nn.Module, arguments: tuple[Any, ...], scores: Any) -> Tensor | None:
            assert self._seen is not None
            if not isinstance(scores, Tensor):  # scores of all heads, for task label None
                return None
            self.features = self._features(self._seen)
            # Copies, such as LwF's teacher, have these hooks too, and must return what the loss uses.
            if apart and (module.training or module is not model):
                return None
            labels = arguments[1] if self.heads > 1 else None
            return self._mixed(scores, self.features, labels)

        module = find_module(inner_network(model), self.settings.prototype_of)
        self._handles = [module.register_forward_pre_hook(self._tap()), model.register_forward_hook(mix)]

    def detach(self) -> None:
        """Remove the hooks from the model."""
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self.forget()

    def forget(self) -> None:
        """Drop what the last forward pass left, which holds its graph."""
        self._seen = None
        self.features = self._below = torch.empty(0)

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
        """The modules of this plugin: the memory and the layers below it."""
        held = {"memory": self.memory, "expansion": self.expansion, "units": self.units}
        return torch.nn.ModuleDict({name: module for name, module in held.items() if module is not None})

    def classes(self, targets: Tensor, labels: Tensor) -> Tensor:
        """Targets (B,) as rows of the memory."""
        return targets if self.heads == 1 else labels * (len(self.memory.counts) // self.heads) + targets

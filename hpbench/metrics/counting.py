"""Counts the operations of a network while it is shown samples, at once or step by step.

A pass is a call of the network with a batch, (B, …): whatever its modules are called with in a pass, at
however many steps, is done for these B samples.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from hpbench.operations.layer import Layer, Operations
from hpbench.operations.neurons import activity
from hpbench.operations.torch_layers import as_rectified, counter, rows


class Counting:
    """The layers of one network in the order in which they are first called, with what they did.

    Neurons that stand apart from their synapses are those of the layer called last before them: at their
    first call in a pass, since another may come between later. A module that is shared by several layers is
    told apart by the shape of its outputs. Layers of PyTorch in a network that declares no neurons are taken
    to be followed by a ReLU, unless one of them has several steps: then `undeclared` names them. `uncounted`
    are weights of modules that took part in a pass and that no layer answers for.
    """

    def __init__(self, network: torch.nn.Module, prefix: str) -> None:
        self._network = network
        self._prefix = prefix
        self._layers: dict[str, Operations] = {}
        self._rectified: dict[str, Operations] = {}
        self._stepped = False
        self._declared = False
        self._weights: dict[str, None] = {}  # in order
        self._open: list[int] = []  # modules that are being called
        self._batch: int | None = None
        self._shown: dict[str, int] = {}
        self._rows: dict[str, int] = {}
        self._owner: dict[tuple[int, Any], str | None] = {}
        self._latest: str | None = None

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Context in which every call of a module of the network is counted."""
        inside: set[int] = set()  # of layers, which answer for them
        within: set[int] = set()  # of neurons, whose outputs are counted once
        handles: list[Any] = []

        def add(module: torch.nn.Module, before: Any, *after: Any) -> None:
            handles.append(module.register_forward_pre_hook(before, with_kwargs=True))
            handles.extend(module.register_forward_hook(one, with_kwargs=True) for one in after)

        for name, module in self._network.named_modules(prefix=self._prefix):
            if id(module) in inside:
                continue
            count, active = counter(module), activity(module)
            counting: list[Any] = []
            if count is not None:
                inside.update(map(id, module.modules()))
                counting = [self._of_layer(name, count)]
            elif active is not None and id(module) not in within:
                within.update(map(id, module.modules()))
                counting = [self._of_neurons(active)]
            if count is None:
                counting.append(self._of_weights(name))
            add(module, self._enter, *counting, self._leave)
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    @property
    def layers(self) -> dict[str, Operations]:
        """Counts of each layer by its name, in the order in which they were first called."""
        known = {} if self._declared or self._stepped else self._rectified
        return {name: one + known.get(name, Operations()) for name, one in self._layers.items()}

    @property
    def undeclared(self) -> tuple[str, ...]:
        """Layers, but for the last one, of which it is not known which outputs are spikes."""
        if self._declared or not self._stepped:
            return ()
        return tuple(name for name in list(self._layers)[:-1] if name in self._rectified)

    @property
    def uncounted(self) -> tuple[str, ...]:
        """Names of weights whose operations are not in the counts."""
        return tuple(self._weights)

    def _enter(self, module: torch.nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
        if not self._open:
            tensors = (one for one in (*inputs, *named.values()) if isinstance(one, Tensor))
            self._batch = next((len(one) for one in tensors if one.ndim), None)
            self._shown, self._rows, self._owner, self._latest = {}, {}, {}, None
        self._open.append(id(module))

    def _leave(self, module: torch.nn.Module, *_: Any) -> None:
        while self._open.pop() != id(module):  # calls inside that an exception ended
            pass

    def _of_layer(self, name: str, count: Any) -> Any:
        def hook(
            module: torch.nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], result: Any
        ) -> None:
            counts: Operations = count(result, *inputs, **named)
            if isinstance(module, Layer):
                samples = counts.samples
            else:
                samples = len(result) if self._batch is None else self._batch
            # Later steps of a pass show no more samples.
            new = max(0, samples - self._shown.get(name, 0))
            self._shown[name] = self._shown.get(name, 0) + new
            self._layers[name] = self._layers.get(name, Operations()) + replace(counts, samples=new)
            self._latest = name
            if isinstance(module, Layer):
                return
            if counts.neuron_steps:
                self._declared = True
                return
            self._rectified[name] = self._rectified.get(name, Operations()) + as_rectified(result)
            self._rows[name] = self._rows.get(name, 0) + rows(module, result)  # type: ignore[arg-type]
            self._stepped |= self._rows[name] > samples

        return hook

    def _of_neurons(self, active: Any) -> Any:
        def hook(
            module: torch.nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], result: Any
        ) -> None:
            self._declared = True
            outputs = result[0] if isinstance(result, tuple) else result
            shape = getattr(outputs, "shape", None)
            owner = self._owner.setdefault((id(module), shape), self._latest)
            if owner is not None:  # otherwise they encode the input
                self._layers[owner] += active(result, *inputs, **named)

        return hook

    def _of_weights(self, name: str) -> Any:
        def hook(module: torch.nn.Module, *_: Any) -> None:
            for own, parameter in module.named_parameters(recurse=False):
                if sum(side > 1 for side in parameter.shape) > 1:
                    self._weights[f"{name}.{own}".lstrip(".")] = None

        return hook

"""Features of a sample: the input of a chosen module, averaged or counted over time."""

import torch
from torch import Tensor

from hpbench.core.errors import InputError, nearest
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.spike_times.layer import SpikeTimeLayer
from hpbench.spiking.window import Window

_SPIKING = (HybridWindow, SpikeTimeLayer)
"""Layers that take a window and contain their linear layer."""


def find_module(network: torch.nn.Module, name: str) -> torch.nn.Module:
    """The module whose input is used as features: by name, `last` (last layer), or `input` (the network).

    The last layer is the last spiking or linear layer in the order of definition. Raises InputError if
    there is none of that name.
    """
    if name == "input":
        return network
    modules = dict(network.named_modules())
    if name != "last":
        if name not in modules:
            raise InputError(
                f"prototype_of={name}: {nearest(name, ['last', 'input', *filter(None, modules)])}"
            )
        return modules[name]
    windows = [module for module in modules.values() if isinstance(module, _SPIKING)]
    inside = {id(part) for window in windows for part in window.modules() if part is not window}
    layers = [
        module
        for module in modules.values()
        if isinstance(module, (*_SPIKING, torch.nn.Linear)) and id(module) not in inside
    ]
    if not layers:
        raise InputError(
            "prototype_of=last: the network has no HP layer and no linear layer; name a module, one of "
            f"{', '.join(filter(None, modules))}"
        )
    return layers[-1]


def modules_before(network: torch.nn.Module, module: torch.nn.Module) -> list[torch.nn.Module]:
    """The modules defined before this one that do not contain it: those that compute its features."""
    before = []
    for part in network.modules():
        if part is module:
            break
        before.append(part)
    containing = {id(part) for part in before if any(inner is module for inner in part.modules())}
    return [part for part in before if id(part) not in containing]


def features_of(seen: Window | Tensor, kind: str) -> Tensor:
    """Features (B, n) from a module's input: a window, or values (B, …).

    `raw` and `centred`: the values, or their mean over time (for spikes, the rate per step); the read-out
    subtracts the centre. `unit`: the same, scaled to unit length. `counts`: number of spikes.
    Raises InputError for `counts` of inputs that are not spikes.
    """
    spikes = isinstance(seen, Window) and not seen.static_steps
    if kind == "counts" and not spikes:
        raise InputError(
            "prototype_features=counts: this module's inputs are values, not spikes; use raw, centred or "
            "unit, or a random expansion (expansion=2048)"
        )
    if not isinstance(seen, Window):
        features = seen.flatten(1)
    elif seen.static_steps:
        features = seen.values.flatten(1)
    else:
        features = (seen.values.sum(0) if kind == "counts" else seen.values.mean(0)).flatten(1)
    return torch.nn.functional.normalize(features, dim=1) if kind == "unit" else features


class NetworkFeatures(torch.nn.Module):
    """Inputs (B, …) to features (B, n): the input of the last layer of `network`, which is not run.

    For spikes, the rate: the mean over T steps. `width` is n.
    """

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    @property
    def width(self) -> int:
        """Inputs of the last layer."""
        *_, linear = (part for part in self.network.modules() if isinstance(part, torch.nn.Linear))
        return linear.in_features

    def forward(self, inputs: Tensor) -> Tensor:
        """The features of a batch."""
        seen: list[Tensor | Window] = []

        def stop(layer: torch.nn.Module, arguments: tuple[Tensor | Window]) -> None:
            seen.append(arguments[0])
            raise _Reached

        # Registered at every call, since a copy of the network would copy the hook.
        handle = find_module(self.network, "last").register_forward_pre_hook(stop)
        try:
            self.network(inputs)
        except _Reached:
            pass
        finally:
            handle.remove()
        [entering] = seen
        return features_of(entering, "raw")


class _Reached(Exception):  # noqa: N818  (no error: it ends a forward pass before the last layer)
    pass

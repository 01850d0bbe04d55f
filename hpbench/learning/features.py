"""Where a sample's features are taken from, and what is made of them."""

import torch
from torch import Tensor

from hpbench.core.errors import InputError, nearest
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.window import Window


def find_module(network: torch.nn.Module, name: str) -> torch.nn.Module:
    """The module whose input is the feature: by its name, or `last`, the last layer; `input` is the network.

    The last layer is the last HP layer or linear layer in the order of definition. Raises InputError if
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
    windows = [module for module in modules.values() if isinstance(module, HybridWindow)]
    inside = {id(part) for window in windows for part in window.modules() if part is not window}
    layers = [
        module
        for module in modules.values()
        if isinstance(module, (HybridWindow, torch.nn.Linear)) and id(module) not in inside
    ]
    if not layers:
        raise InputError(
            "prototype_of=last: the network has no HP layer and no linear layer; name a module, one of "
            f"{', '.join(filter(None, modules))}"
        )
    return layers[-1]


def modules_before(network: torch.nn.Module, module: torch.nn.Module) -> list[torch.nn.Module]:
    """The modules defined before this one that do not hold it: what makes its features."""
    before = []
    for part in network.modules():
        if part is module:
            break
        before.append(part)
    containing = {id(part) for part in before if any(inner is module for inner in part.modules())}
    return [part for part in before if id(part) not in containing]


def features_of(seen: Window | Tensor, kind: str) -> Tensor:
    """Features (B, n) of what enters a module: a window, or values (B, …).

    `raw` and `centred`: the values, or their mean over the window (of spikes: the rate per step); the centre
    is taken off where they are read. `unit`: the same at unit length. `counts`: spikes in the window.
    Raises InputError for the count of what are no spikes.
    """
    spikes = isinstance(seen, Window) and not seen.static_steps
    if kind == "counts" and not spikes:
        raise InputError(
            "prototype_features=counts: what enters this module are values, not spikes; use raw, centred or "
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
    """Inputs (B, …) to features (B, n): what enters the last layer of `network`, which itself is not run.

    For spikes, the rate per step: the mean over a window's T steps. `width` is n.
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

        # Registered anew each time: a copy of the network has hooks of its own.
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

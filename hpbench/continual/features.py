"""What a network's last layer reads, as a vector per sample."""

import torch
from torch import Tensor

from hpbench.spiking.hybrid_window import Window


class _Reached(Exception):  # noqa: N818  (no error: it ends a forward pass before the last layer)
    pass


class NetworkFeatures(torch.nn.Module):
    """Inputs (B, …) to features (B, n): what enters the last layer of `network`, which itself is not run.

    For spikes, the share of steps with one: the mean over a window's T steps. `width` is n.
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
        handle = last_layer(self.network).register_forward_pre_hook(stop)
        try:
            self.network(inputs)
        except _Reached:
            pass
        finally:
            handle.remove()
        [entering] = seen
        if isinstance(entering, Window):
            return entering.values if entering.static_steps else entering.values.mean(0)
        return entering


def last_layer(network: torch.nn.Module) -> torch.nn.Module:
    """The last of `network.layers`, or its last linear layer if it has no such list."""
    layers = getattr(network, "layers", None)
    if layers is not None:
        return layers[-1]
    *_, last = (part for part in network.modules() if isinstance(part, torch.nn.Linear))
    return last

"""The weighted layers of a network, what they pass on, and which weights they have."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hpbench.learning.features import features_of
from hpbench.spiking.decolle.cell import DecolleCell
from hpbench.spiking.hybrid.conv_window import HybridConvWindow
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.multitask.layer import MultitaskLayer
from hpbench.spiking.spike_times.layer import SpikeTimeLayer
from hpbench.spiking.window import Window

_KINDS = (
    HybridWindow,
    HybridConvWindow,
    DecolleCell,
    MultitaskLayer,
    SpikeTimeLayer,
    torch.nn.Linear,
    torch.nn.Conv2d,
)


def weighted_layers(network: torch.nn.Module) -> dict[str, torch.nn.Module]:
    """Layers with weights, by their names in the network, in the order of definition."""
    found: dict[str, torch.nn.Module] = {}
    for name, module in network.named_modules():
        inside = any(name.startswith(f"{outer}.") for outer in found)
        if isinstance(module, _KINDS) and not inside:
            found[name] = module
    return found


def weights_by_layer(network: torch.nn.Module) -> list[list[str]]:
    """The names of the weights of each layer, biases and rates of plasticity left out."""
    return [
        [
            f"{name}.{own}"
            for own, parameter in layer.named_parameters()
            if own.rpartition(".")[2] == "weight" and parameter.ndim > 1
        ]
        for name, layer in weighted_layers(network).items()
    ]


@torch.no_grad()
def outputs_by_layer(
    model: torch.nn.Module, network: torch.nn.Module, batches: Sequence[Tensor]
) -> list[Tensor]:
    """What each weighted layer passes on to the next, and last the scores of `model`: (N, n_l) each.

    Spikes are rates, the means over the steps of a sample. `network` is the part of `model` with the layers;
    a layer's output is what the next one gets, after pooling.
    """
    _, *later = weighted_layers(network).values()
    seen: list[list[list[Tensor]]] = [
        [] for _ in later
    ]  # by layer, batch and call: some are called at every step

    def note(number: int) -> Any:
        def hook(layer: torch.nn.Module, arguments: tuple[Window | Tensor, ...]) -> None:
            seen[number][-1].append(features_of(arguments[0], "raw"))

        return hook

    handles = [layer.register_forward_pre_hook(note(number)) for number, layer in enumerate(later)]
    scores = []
    try:
        for batch in batches:
            for by_batch in seen:
                by_batch.append([])
            scores.append(model(batch))
    finally:
        for handle in handles:
            handle.remove()
    return [*(torch.cat([torch.stack(calls).mean(0) for calls in one]) for one in seen), torch.cat(scores)]

"""What a few-shot learner costs: as `hpbench.metrics.cost`, over convolutions and an output layer.

Counted for one image: a convolution needs one operation for every weight and place that it reaches, an
accumulate where its input is a spike. Padding is no input. The output layer reads each feature (those that
are not 0) by way for a query, or by sample of the support where it attends to these; a trace, which counts as
footprint, is written by feature and way for a sample of the support.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from hpbench.few_shot.episodes import Episodes
from hpbench.few_shot.learner import Learner
from hpbench.few_shot.read_outs import HebbianBinding, Matching
from hpbench.metrics.cost import Cost, LayerCost, footprint
from hpbench.spiking.conv_features import SpikingConvLayer
from hpbench.tasks.few_shot import Classes


@torch.no_grad()
def measure_learner(learner: Learner, classes: Classes, episodes: Episodes) -> Cost:
    """The cost of showing these episodes to a learner; footprint alone if it tells of no parts."""
    cost = Cost(footprint(learner))
    parts = learner.parts()
    if parts is None:
        return cost
    network, read_out = parts
    images = classes.at(torch.cat([episodes.support, episodes.query], 1))
    features = _shown(network, images.flatten(0, 1), cost).unflatten(0, images.shape[:2])
    shown = episodes.support.shape[1]
    read = shown if isinstance(read_out, Matching) else episodes.ways
    queries = features[:, shown:].flatten(0, 1)
    output = LayerCost("output", len(queries), queries.numel() * read, neuron_steps=len(queries) * read)
    output.multiply_accumulates = int(queries.count_nonzero()) * read
    if isinstance(read_out, HebbianBinding):
        connections = features.shape[2] * episodes.ways
        cost.footprint_bytes += connections * features.element_size()
        output.trace_writes = connections * len(queries)  # one support sample's, as the rest is one query's
        currents = read_out.currents(
            features[:, :shown], episodes.support_labels, features[:, shown:], episodes.ways
        )
        output.ahead_size, output.local_size = (float(one.abs().sum()) for one in currents)
    cost.layers.append(output)
    return cost


def _shown(network: torch.nn.Module, images: Tensor, cost: Cost) -> Tensor:
    """Features of the images; `cost` gets the network's layers."""
    handles = []
    training = network.training
    for name, module in network.named_modules():
        if isinstance(module, SpikingConvLayer):
            cost.layers.append(LayerCost(name, len(images)))
            handles.append(module.register_forward_hook(_spiking_hook(cost.layers[-1])))
        elif isinstance(module, torch.nn.Conv2d) and not _inside(name, cost.layers):
            cost.layers.append(LayerCost(name, len(images)))
            handles.append(module.register_forward_hook(_conv_hook(cost.layers[-1])))
        elif isinstance(module, torch.nn.ReLU):
            handles.append(module.register_forward_hook(_silence_hook(cost.layers[-1])))
    try:
        features: Tensor = network.eval()(images)
    finally:
        network.train(training)
        for handle in handles:
            handle.remove()
    return features


def _inside(name: str, layers: list[LayerCost]) -> bool:
    return any(name.startswith(f"{layer.name}.") for layer in layers)


def _spiking_hook(layer: LayerCost) -> Callable[[SpikingConvLayer, tuple[Tensor], Tensor], None]:
    def hook(module: SpikingConvLayer, arguments: tuple[Tensor], output: Tensor) -> None:
        (values,) = arguments
        # An input that is held is looked at again in every step.
        _count(layer, module.conv, values.flatten(0, 1), module.steps if len(values) == 1 else 1)
        _silence_hook(layer)(module, arguments, output)

    return hook


def _conv_hook(layer: LayerCost) -> Callable[[torch.nn.Conv2d, tuple[Tensor], Tensor], None]:
    def hook(module: torch.nn.Conv2d, arguments: tuple[Tensor], output: Tensor) -> None:
        _count(layer, module, arguments[0], 1)

    return hook


def _silence_hook(layer: LayerCost) -> Callable[[Any, tuple[Tensor], Tensor], None]:
    """Spikes, or what leaves a ReLU: a neuron-step is silent where it is 0."""

    def hook(module: Any, arguments: tuple[Tensor], output: Tensor) -> None:
        layer.neuron_steps += output.numel()
        layer.silent += int((output == 0).sum())

    return hook


def _count(layer: LayerCost, conv: torch.nn.Conv2d, shown: Tensor, repeats: int) -> None:
    active = _reached(conv, (shown != 0).to(shown.dtype)) * repeats
    layer.dense += _reached(conv, torch.ones_like(shown)) * repeats
    if bool(((shown == 0) | (shown == 1)).all()):
        layer.accumulates += active
    else:
        layer.multiply_accumulates += active


def _reached(conv: torch.nn.Conv2d, marked: Tensor) -> int:
    """Pairs of a marked input and a weight that meet."""
    kernel = torch.ones(1, *conv.weight.shape[1:], dtype=marked.dtype, device=marked.device)
    met = conv2d(marked, kernel, None, conv.stride, conv.padding)
    return round(float(met.double().sum())) * conv.out_channels

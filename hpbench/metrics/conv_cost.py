"""What a few-shot learner costs: as `hpbench.metrics.cost`, over convolutions and output layers.

Counted for one image: a convolution needs one operation for every weight and place that it reaches, an
accumulate where its input is a spike. Padding is no input.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from hpbench.metrics.cost import Cost, LayerCost, footprint
from hpbench.spiking.conv_features import SpikingConvLayer


@torch.no_grad()
def measure_features(learner: torch.nn.Module, network: torch.nn.Module, images: Tensor) -> Cost:
    """The cost of showing `images` (B, C, H, W) to the feature network; the footprint is the learner's."""
    cost = Cost(footprint(learner))
    handles = []
    for name, module in network.named_modules():
        spiking = isinstance(module, SpikingConvLayer)
        inner = any(name.startswith(f"{layer.name}.") for layer in cost.layers)
        if spiking or (isinstance(module, torch.nn.Conv2d) and not inner):
            layer = LayerCost(name)
            cost.layers.append(layer)
            handles.append(module.register_forward_hook(_hook(layer, len(images))))
    training = network.training
    try:
        network.eval()(images)
    finally:
        network.train(training)
        for handle in handles:
            handle.remove()
    return cost


def _hook(layer: LayerCost, samples: int) -> Callable[[Any, tuple[Tensor], Tensor], None]:
    def hook(module: Any, arguments: tuple[Tensor], output: Tensor) -> None:
        (values,) = arguments
        spiking = isinstance(module, SpikingConvLayer)
        conv = module.conv if spiking else module
        shown = values.flatten(0, 1) if spiking else values
        # An input that is held is looked at again in every step.
        repeats = module.steps if spiking and len(values) == 1 else 1
        reached = _reached(conv, torch.ones_like(shown)) * repeats
        active = _reached(conv, (shown != 0).to(shown.dtype)) * repeats
        layer.samples += samples
        layer.dense += reached
        if bool(((shown == 0) | (shown == 1)).all()):
            layer.accumulates += active
        else:
            layer.multiply_accumulates += active
        layer.neuron_steps += output.numel()
        layer.silent += int((output <= 0).sum())

    return hook


def _reached(conv: torch.nn.Conv2d, marked: Tensor) -> int:
    """Pairs of a marked input and a weight that meet."""
    kernel = torch.ones(1, *conv.weight.shape[1:], dtype=marked.dtype, device=marked.device)
    met = conv2d(marked, kernel, None, conv.stride, conv.padding)
    return round(float(met.double().sum())) * conv.out_channels

"""What convolutional layers cost: as `hpbench.metrics.cost`, position by position.

A kernel needs an operation for each of its weights at each place that it is put to and that is not 0. Spikes
need accumulates, and so do counts of events, one for each event. Padding is no input. A trace is written by
every position that it is read from.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from hpbench.metrics.cost import LayerCost
from hpbench.spiking.hybrid.conv_cell import HybridConvCell
from hpbench.spiking.hybrid.conv_window import HybridConvWindow
from hpbench.spiking.window import Response, Window


@contextmanager
def counted_convolutions(network: torch.nn.Module) -> Iterator[list[LayerCost]]:
    """The costs of the network's convolutional layers, filled while it looks at samples within this."""
    inside = {id(cell.conv) for cell in network.modules() if isinstance(cell, HybridConvCell)}
    layers: list[LayerCost] = []
    handles = []
    for name, module in network.named_modules():
        if isinstance(module, HybridConvWindow):
            layers.append(LayerCost(name))
            handles.append(module.register_forward_hook(_hybrid_hook(layers[-1])))
        elif isinstance(module, torch.nn.Conv2d) and id(module) not in inside:
            layers.append(LayerCost(name))
            handles.append(module.register_forward_hook(_conv_hook(layers[-1])))
    try:
        yield layers
    finally:
        for handle in handles:
            handle.remove()


def reached(values: Tensor, convolution: torch.nn.Conv2d) -> int:
    """Inputs (B, C, H, W), each as often as it says, times the weights that meet them."""
    seen = values.sum(1, keepdim=True).to(convolution.weight.dtype)
    ones = seen.new_ones(1, 1, *convolution.kernel_size)
    met = conv2d(seen, ones, stride=convolution.stride, padding=convolution.padding)
    return round(float(met.double().sum())) * convolution.out_channels


def _conv_hook(layer: LayerCost) -> Callable[[torch.nn.Conv2d, tuple[Tensor], Tensor], None]:
    def hook(module: torch.nn.Conv2d, arguments: tuple[Tensor], output: Tensor) -> None:
        (values,) = arguments
        layer.samples += len(values)
        layer.dense += reached(torch.ones_like(values), module)
        layer.multiply_accumulates += reached(values != 0, module)
        layer.neuron_steps += output.numel()
        layer.silent += int((output <= 0).sum())

    return hook


def _hybrid_hook(layer: LayerCost) -> Callable[[HybridConvWindow, tuple[Window], Response], None]:
    def hook(module: HybridConvWindow, arguments: tuple[Window], response: Response) -> None:
        window = arguments[0]
        cell, times = module.cell, window.static_steps or 1
        values = window.values if window.static_steps else window.values.flatten(0, 1)
        active = reached(values != 0, cell.conv) * times
        layer.samples += window.batch
        layer.dense += reached(torch.ones_like(values), cell.conv) * times
        if bool(((values == values.round()) & (values >= 0)).all()):
            layer.accumulates += reached(values, cell.conv) * times
        else:
            layer.multiply_accumulates += active
        layer.neuron_steps += response.spikes.numel()
        layer.silent += response.spikes.numel() - int(response.spikes.count_nonzero())
        if cell.local:
            layer.trace_writes += active
            _add_currents(layer, module, window)

    return hook


def _add_currents(layer: LayerCost, module: HybridConvWindow, window: Window) -> None:
    """Size of both currents, step by step through the cell, under the layer's trace at test."""
    if module.trace_at_test == "zero":
        return
    cell = module.cell
    inputs = window.each_step()
    state = cell.initial_state(inputs[0])
    if cell.p.trace_scope == "batch":
        state = state._replace(trace=module.trace)
    for values in inputs:
        ahead, patches = cell.conv(values), cell.patches(values)
        assert state.trace is not None
        local = cell.alpha * (patches @ state.trace) * cell.p.trace_scale(state.step)
        current = cell.bias[:, None, None] + cell.p.weight_scale(state.step) * ahead
        layer.ahead_size += float(current.abs().sum())
        layer.local_size += float(local.abs().sum())
        state = cell.advance(ahead, patches, state, learn=module.trace_at_test != "frozen")

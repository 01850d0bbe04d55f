"""What a network costs: memory, activity, synaptic operations, and what its traces do.

Counted while the network looks at samples, over Norse HP layers and over real-valued layers. A layer whose
inputs are all 0 or one value (spikes, also scaled by the step factor) needs accumulates (AC), otherwise
multiply-accumulates (MAC). W and α P share a synapse, so they count once; what the trace writes while it
learns is counted apart. As in NeuroBench (Yik et al., Nat. Commun. 16:1545, 2025), every time step counts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.parameters import RELEASE
from hpbench.spiking.random.columns import SpikingColumns, first_spikes
from hpbench.spiking.window import Response, Window


@dataclass
class LayerCost:
    """Sums over the samples seen of one layer."""

    name: str
    samples: int = 0
    dense: int = 0
    accumulates: int = 0
    multiply_accumulates: int = 0
    trace_writes: int = 0
    silent: int = 0
    neuron_steps: int = 0
    ahead_size: float = 0.0
    local_size: float = 0.0

    @property
    def local_share(self) -> float | None:
        """Mean abs local current over mean abs local plus global current; None without a trace."""
        total = self.ahead_size + self.local_size
        return self.local_size / total if total else None


@dataclass
class Cost:
    """Per-sample figures of a network; None where no layer was seen that has them."""

    footprint_bytes: int
    layers: list[LayerCost] = field(default_factory=list)

    def per_sample(self, what: str) -> float | None:
        """Sum over layers of a count, per sample."""
        if not self.layers:
            return None
        return sum(getattr(layer, what) / layer.samples for layer in self.layers)

    @property
    def activation_sparsity(self) -> float | None:
        """Share of (neuron, step) pairs of hidden layers without a spike (for ReLU: exactly 0)."""
        hidden = self.layers[:-1]
        steps = sum(layer.neuron_steps for layer in hidden)
        return sum(layer.silent for layer in hidden) / steps if steps else None

    @property
    def local_share(self) -> float | None:
        """Mean over layers with a trace."""
        shares = [layer.local_share for layer in self.layers if layer.local_share is not None]
        return sum(shares) / len(shares) if shares else None


def footprint(network: torch.nn.Module) -> int:
    """Bytes of parameters and buffers; traces are buffers."""
    tensors = [*network.parameters(), *network.buffers()]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


@torch.no_grad()
def measure(network: torch.nn.Module, look: Callable[[], Any]) -> Cost:
    """The cost of `network` while `look()` shows it samples in `eval()` mode."""
    cost = Cost(footprint(network))
    inside = {
        id(part) for cell in network.modules() if isinstance(cell, HybridCell) for part in cell.modules()
    }
    handles = []
    for name, module in network.named_modules():
        if isinstance(module, HybridWindow):
            layer = LayerCost(name)
            cost.layers.append(layer)
            handles.append(module.register_forward_hook(_hybrid_hook(layer)))
        elif isinstance(module, torch.nn.Linear) and id(module) not in inside:
            layer = LayerCost(name)
            cost.layers.append(layer)
            handles.append(module.register_forward_hook(_linear_hook(layer)))
        elif isinstance(module, SpikingColumns):
            layer = LayerCost(name)
            cost.layers.append(layer)
            handles.append(module.register_forward_hook(_columns_hook(layer)))
    try:
        look()
    finally:
        for handle in handles:
            handle.remove()
    cost.layers = [layer for layer in cost.layers if layer.samples]
    return cost


def _hybrid_hook(layer: LayerCost) -> Callable[[HybridWindow, tuple[Window], Response], None]:
    def hook(module: HybridWindow, arguments: tuple[Window], response: Response) -> None:
        window = arguments[0]
        values, steps = window.values, window.static_steps or 1
        neurons = response.spikes.shape[-1]
        active = int(values.count_nonzero()) * steps * neurons
        layer.samples += response.spikes.shape[1]
        layer.dense += values.numel() * steps * neurons
        _add_operations(layer, values, active)
        layer.neuron_steps += response.spikes.numel()
        layer.silent += response.spikes.numel() - int(response.spikes.count_nonzero())
        if module.cell.local:
            layer.trace_writes += active
            _add_currents(layer, module, window)

    return hook


def _linear_hook(layer: LayerCost) -> Callable[[torch.nn.Linear, tuple[Tensor], Tensor], None]:
    def hook(module: torch.nn.Linear, arguments: tuple[Tensor], output: Tensor) -> None:
        (values,) = arguments
        layer.samples += len(values)
        layer.dense += values.numel() * module.out_features
        _add_operations(layer, values, int(values.count_nonzero()) * module.out_features)
        layer.neuron_steps += output.numel()
        layer.silent += int((output <= 0).sum())

    return hook


def _columns_hook(layer: LayerCost) -> Callable[[SpikingColumns, tuple[Tensor], Tensor], None]:
    def hook(module: SpikingColumns, arguments: tuple[Tensor], output: Tensor) -> None:
        (images,) = arguments
        images = images.reshape(-1, 1, module.side, module.side)
        everywhere = torch.ones_like(module.filters[:1])
        seen = torch.nn.functional.conv2d((images != 0).to(images.dtype), everywhere)
        neurons = len(module.filters)
        layer.samples += len(images)
        layer.dense += seen.numel() * everywhere.numel() * neurons * module.steps
        _add_operations(layer, images, round(float(seen.double().sum())) * neurons * module.steps)
        layer.neuron_steps += seen.numel() * neurons * module.steps
        spikes = first_spikes(module.currents(images), module.steps, RELEASE.threshold)
        layer.silent += seen.numel() * neurons * module.steps - int(spikes.sum())

    return hook


def _add_operations(layer: LayerCost, values: Tensor, active: int) -> None:
    if bool(((values == 0) | (values == 1)).all()):
        layer.accumulates += active
    else:
        layer.multiply_accumulates += active


def _add_currents(layer: LayerCost, module: HybridWindow, window: Window) -> None:
    """Size of both currents, step by step through the cell, under the layer's trace at test."""
    if module.trace_at_test == "zero":
        return
    cell = module.cell
    inputs = window.each_step()
    state = cell.initial_state(inputs[0])
    if cell.p.trace_scope == "batch":
        state = state._replace(trace=module.trace)
    for values in inputs:
        ahead, local = cell.currents(values, state)
        assert local is not None
        layer.ahead_size += float(ahead.abs().sum())
        layer.local_size += float(local.abs().sum())
        state = cell.advance(ahead + local, values, state, learn=module.trace_at_test != "frozen")

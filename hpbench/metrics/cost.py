"""What a network costs: memory, activity, synaptic operations, and what its traces do.

Layers count their own operations (`hpbench.operations.layer`); here they are found, asked and summed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import torch

from hpbench.operations.layer import Neurons, Operations
from hpbench.operations.torch_layers import counter


@dataclass
class Cost:
    """Bytes held, and the sums of each layer by its name; layers over places (C, H, W) come first.

    Figures per sample are None where no layer was seen that has them.
    """

    footprint_bytes: int
    layers: dict[str, Operations] = field(default_factory=dict)

    def per_sample(self, what: str) -> float | None:
        """Sum over layers of a count, per sample."""
        if not self.layers:
            return None
        return sum(getattr(layer, what) / layer.samples for layer in self.layers.values())

    @property
    def activation_sparsity(self) -> float | None:
        """Share of (neuron, step) pairs of hidden layers without a spike (for ReLU: exactly 0)."""
        hidden = list(self.layers.values())[:-1]
        steps = sum(layer.neuron_steps for layer in hidden)
        return sum(layer.silent for layer in hidden) / steps if steps else None

    @property
    def local_share(self) -> float | None:
        """Mean over layers with a trace."""
        shares = [layer.local_share for layer in self.layers.values() if layer.local_share is not None]
        return sum(shares) / len(shares) if shares else None

    def columns(self) -> dict[str, float | None]:
        """The columns of a row that a cost fills."""
        return {
            "footprint_bytes": self.footprint_bytes,
            "activation_sparsity": self.activation_sparsity,
            "synops_dense": self.per_sample("dense"),
            "synops_acs": self.per_sample("accumulates"),
            "synops_macs": self.per_sample("multiply_accumulates"),
            "trace_writes": self.per_sample("trace_writes"),
            "local_share": self.local_share,
        }


def footprint(network: torch.nn.Module) -> int:
    """Bytes of parameters and buffers; traces are buffers."""
    tensors = [*network.parameters(), *network.buffers()]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


@torch.no_grad()
def measure(
    network: torch.nn.Module,
    look: Callable[[], Any],
    parts: Mapping[str, torch.nn.Module] | None = None,
) -> Cost:
    """The cost of `network` while `look()` shows it samples in `eval()` mode.

    Layers are looked for in its `parts`, whose names stand before theirs, by default in all of it.
    """
    layers: dict[str, Operations] = {}
    handles = []

    def adding(name: str, count: Callable[..., Operations]) -> Any:
        def hook(module: torch.nn.Module, inputs: tuple[Any, ...], result: Any) -> None:
            layers[name] += count(result, *inputs)

        return hook

    for prefix, part in ({"": network} if parts is None else parts).items():
        for name, module, count in _counters(part, prefix):
            layers.setdefault(name, Operations())
            handles.append(module.register_forward_hook(adding(name, count)))
    try:
        look()
    finally:
        for handle in handles:
            handle.remove()
    seen = [(name, layer) for name, layer in layers.items() if layer.samples]
    held = sum(layer.held_bytes for _, layer in seen)
    return Cost(footprint(network) + held, dict(sorted(seen, key=lambda one: not one[1].places)))


def _counters(
    part: torch.nn.Module, prefix: str
) -> Iterator[tuple[str, torch.nn.Module, Callable[..., Operations]]]:
    """Name of a layer, module, and what counts a pass of that module for the layer.

    Modules inside a layer are passed over, since the layer answers for them.
    """
    inside: set[int] = set()
    layer = None
    for name, module in part.named_modules(prefix=prefix):
        if id(module) in inside:
            continue
        count, neurons = counter(module), cast(Any, module)
        if count is not None:
            layer = name
            inside.update(map(id, module.modules()))
            yield name, module, count
        elif layer is not None and isinstance(neurons, Neurons):
            yield layer, module, neurons.activity

"""What a network costs: memory, activity, synaptic operations, and what its traces do.

Layers count their own operations (`hpbench.operations.layer`); here they are summed.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import torch

from hpbench.metrics.counting import Counting
from hpbench.operations.layer import Operations


@dataclass
class Cost:
    """Bytes held, and the sums of each layer by its name; layers over places (C, H, W) come first.

    Figures per sample are None where no layer was seen that has them. `undeclared` are hidden layers with
    several steps in a network that does not declare its spikes; `uncounted` are weights that took part and
    whose operations are unknown, so that the sums are without them.
    """

    footprint_bytes: int
    layers: dict[str, Operations] = field(default_factory=dict)
    undeclared: tuple[str, ...] = ()
    uncounted: tuple[str, ...] = ()

    def per_sample(self, what: str) -> float | None:
        """Sum over layers of a count, per sample."""
        if not self.layers:
            return None
        return sum(getattr(layer, what) / layer.samples for layer in self.layers.values())

    @property
    def activation_sparsity(self) -> float | None:
        """Share of (neuron, step) pairs without a spike (for ReLU: exactly 0), over all layers but the last.

        The last layer is the output, or in few-shot learning the read-out. None without hidden neurons, and
        where it is not declared which outputs are their spikes.
        """
        if self.undeclared:
            return None
        hidden = list(self.layers.values())[:-1]
        steps = sum(layer.neuron_steps for layer in hidden)
        return sum(layer.silent for layer in hidden) / steps if steps else None

    @property
    def local_share(self) -> float | None:
        """Mean over layers with a trace."""
        shares = [layer.local_share for layer in self.layers.values() if layer.local_share is not None]
        return sum(shares) / len(shares) if shares else None

    def gaps(self) -> dict[str, list[str]]:
        """What the columns are without, for records."""
        return {"undeclared_spikes": list(self.undeclared), "uncounted_weights": list(self.uncounted)}

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

    Layers are looked for in its `parts`, whose names stand before theirs: by default in all of it, and in
    each module of a ModuleDict.
    """
    if parts is None:
        parts = dict(network.items()) if isinstance(network, torch.nn.ModuleDict) else {"": network}
    countings = [Counting(part, prefix) for prefix, part in parts.items()]
    with ExitStack() as stack:
        for counting in countings:
            stack.enter_context(counting.attached())
        look()
    seen = [
        (name, layer) for counting in countings for name, layer in counting.layers.items() if layer.samples
    ]
    held = sum(layer.held_bytes for _, layer in seen)
    return Cost(
        footprint(network) + held,
        dict(sorted(seen, key=lambda one: not one[1].places)),
        undeclared=tuple(name for counting in countings for name in counting.undeclared),
        uncounted=tuple(name for counting in countings for name in counting.uncounted),
    )

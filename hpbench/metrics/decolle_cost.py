"""What DECOLLE layers cost, as `hpbench.metrics.cost`, step by step.

W P is W applied to a filtered input. While W stands still it can as well be filtered after W, so that a spike
needs one accumulate for every weight it meets, when it comes. Inputs that draw time constants of their own
have to be filtered before W: a multiply-accumulate for every weight, at every step with a P that is not 0.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from hpbench.metrics.conv_cost import reached
from hpbench.metrics.cost import LayerCost
from hpbench.spiking.decolle.cell import DecolleCell, DecolleState


@contextmanager
def counted_decolle(network: torch.nn.Module) -> Iterator[list[LayerCost]]:
    """The costs of the network's DECOLLE layers, filled while it looks at samples within this."""
    layers: list[LayerCost] = []
    handles = []
    for name, module in network.named_modules():
        if isinstance(module, DecolleCell):
            layers.append(LayerCost(name))
            handles.append(module.register_forward_hook(_hook(layers[-1])))
    try:
        yield layers
    finally:
        for handle in handles:
            handle.remove()


Hook = Callable[
    [DecolleCell, tuple[Tensor, DecolleState | None], tuple[Tensor, DecolleState]],
    None,
]


def _hook(layer: LayerCost) -> Hook:
    def hook(
        module: DecolleCell,
        arguments: tuple[Tensor, DecolleState | None],
        result: tuple[Tensor, DecolleState],
    ) -> None:
        (values, before), (spikes, _) = arguments, result
        layer.samples += len(values) if before is None else 0
        layer.dense += _met(torch.ones_like(values), module)
        if module.membrane_decay.ndim or module.synapse_decay.ndim:
            layer.multiply_accumulates += 0 if before is None else _met(before.trace != 0, module)
        elif bool(((values == values.round()) & (values >= 0)).all()):
            layer.accumulates += _met(values, module)
        else:
            layer.multiply_accumulates += _met(values != 0, module)
        layer.neuron_steps += spikes.numel()
        layer.silent += spikes.numel() - int(spikes.count_nonzero())

    return hook


def _met(values: Tensor, cell: DecolleCell) -> int:
    """Inputs (B, …), each as often as it says, times the weights that meet them."""
    if isinstance(cell.synapse, torch.nn.Conv2d):
        return reached(values, cell.synapse)
    return int(values.sum(dtype=torch.double)) * cell.synapse.out_features

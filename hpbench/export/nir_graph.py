"""Spiking networks in the Neuromorphic Intermediate Representation (NIR).

Pedersen et al., Nat. Commun. 15:8122 (2024). A graph has one step of DT seconds per step of the network,
weights times the current gain c, a frozen trace added to the weights (W + α P), and shapes at every node.
Neurons:

* `reset=zero` is NIR's LIF: τ = DT / (1 − k), R = τ / DT, so that u ← k u + I, and 0 after a spike; without a
leak (k = 1) it is NIR's IF. * `reset=subtract` is no neuron of NIR, whose spikes set the membrane to a value.
It is the same recurrence in nodes: a linear node `membrane` has the sum of the input, of k times itself and
of −k v_th times the spikes, both of the step before, since a recurrent connection takes a step. The spikes
are those of a LIF with τ = DT, which holds nothing and compares its input with v_th.
"""

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.spiking.adaptive_norm import AdaptiveNorm
from hpbench.spiking.hybrid.conv_window import HybridConvWindow
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.neurons.lif import Lif
from hpbench.spiking.parameters import HybridParameters

if TYPE_CHECKING:
    import nir

DT = 1e-4
"""Seconds of a step in the graph: what snnTorch, SpikingJelly and Sinabs assume when they read one."""

_NEGLIGIBLE = 1e-6
"""Largest change of a weight within the window that counts as none."""

Array = NDArray[np.float32]


def nir_graph(network: torch.nn.Module, *, mean_decay: bool = False) -> "nir.NIRGraph":
    """The graph of a trained network, from the input of a step to the spikes of the last layer.

    The encoder and the read-out are outside: `metadata` has their names, and the number of steps. With
    `mean_decay`, the decay exp(−t/τ_w) of the weights is replaced by its mean over the window, an
    approximation. Raises InputError for a network that NIR cannot express.
    """
    import nir

    spiking = _expressible(network)
    nodes: dict[str, Any] = {}
    edges: list[tuple[str, str]] = []
    shape = _input_shape(spiking)
    nodes["input"] = nir.Input(np.array(shape))
    last = "input"
    layer: Any
    for number, layer in enumerate(spiking.layers):
        name = f"layer{number}"
        if isinstance(layer, HybridWindow) and len(shape) > 1:
            nodes[f"{name}_flat"] = nir.Flatten(np.array(shape), start_dim=-len(shape), end_dim=-1)
            edges.append((last, f"{name}_flat"))
            last, shape = f"{name}_flat", (prod(shape),)
        nodes[f"{name}_weights"], shape = _synapses(layer, shape, _decay(spiking, layer, mean_decay))
        edges.append((last, f"{name}_weights"))
        recurrent = layer.cell.recurrent_weight() if isinstance(layer, HybridWindow) else None
        entered = f"{name}_weights"
        if (
            recurrent is not None and layer.cell.p.reset == "zero"
        ):  # some tools misread a neuron with own weights
            nodes[f"{name}_membrane"] = _times(1, shape)
            edges.append((entered, f"{name}_membrane"))
            entered = f"{name}_membrane"
        last = _add_neurons(name, entered, shape, layer.cell.p, nodes, edges)
        pool = spiking.pools[number]
        if pool > 1:
            sides = np.full(2, pool)
            nodes[f"{name}_pool"] = nir.AvgPool2d(kernel_size=sides, stride=sides, padding=np.zeros(2, int))
            edges.append((last, f"{name}_pool"))
            last, shape = f"{name}_pool", (shape[0], *(side // pool for side in shape[1:]))
        if recurrent is not None:
            nodes[f"{name}_recurrent"] = nir.Linear(_array(recurrent * layer.cell.p.current_gain))
            edges += [(last, f"{name}_recurrent"), (f"{name}_recurrent", f"{name}_membrane")]
    nodes["output"] = nir.Output(np.array(shape))
    edges.append((last, "output"))
    metadata = {
        "step_seconds": DT,
        "steps": spiking.encoder.steps,
        "encoding": spiking.encoder.encoding,
        "read_out": spiking.read_out,
        "threshold": spiking.p.threshold,
        "weight_decay": "mean over the window" if _decays(spiking) else "none",
    }
    return nir.NIRGraph(nodes, edges, metadata)


def _expressible(network: torch.nn.Module) -> SpikingNetwork:
    if not isinstance(network, SpikingNetwork):
        raise InputError(
            f"NIR: {type(network).__name__} is no network of HP layers; networks of gp, hp and lp can be "
            "exported"
        )
    if not isinstance(network.p.neuron, Lif):
        raise InputError(
            f"NIR: neurons {type(network.p.neuron).__name__} are not exported: train with strategy.neuron=lif"
        )
    if any(isinstance(part, AdaptiveNorm) for part in network.modules()):
        raise InputError("NIR has no batch norm of currents: train with strategy.norm=none")
    moving = {layer.trace_at_test for layer in network.layers} - {"frozen", "zero"}
    if moving:
        raise InputError(
            f"NIR has no plastic synapses: trace_at_test={moving.pop()} changes the trace at test; "
            "train with strategy.trace_at_test=frozen, whose trace is added to the weights"
        )
    return network


def _decays(network: SpikingNetwork) -> bool:
    """Whether weights change noticeably within the window."""
    return 1 - network.p.weight_scale(network.encoder.steps - 1) > _NEGLIGIBLE


def _decay(network: SpikingNetwork, layer: Any, mean_decay: bool) -> tuple[float, float]:
    """The factors of W and of P that stand for exp(−t/τ_w). Raises InputError if they are no constants."""
    if not _decays(network):
        return 1.0, 1.0
    p, steps = network.p, network.encoder.steps
    if not mean_decay:
        raise InputError(
            f"NIR has no weights that change while a sample is shown: with strategy.weight_time_constant="
            f"{p.weight_time_constant:g} they fall to {p.weight_scale(steps - 1):.1%} within {steps} steps. "
            "Train with strategy.weight_time_constant=1e9, which is exact, or export with --mean-decay, "
            "which is not"
        )
    scales = [(p.weight_scale(step), p.trace_scale(step)) for step in range(steps)]
    ahead, trace = np.mean(scales, axis=0)
    return float(ahead), float(trace)


def _input_shape(network: SpikingNetwork) -> tuple[int, ...]:
    first: Any = network.layers[0]
    if isinstance(first, HybridConvWindow):
        return tuple(int(side) for side in network.image)
    return (int(first.cell.linear.in_features),)


def _synapses(layer: Any, shape: tuple[int, ...], decay: tuple[float, float]) -> tuple[Any, tuple[int, ...]]:
    """The node of a layer's weights, with its trace and current gain, and the shape of its output."""
    import nir

    cell, (of_weights, of_trace) = layer.cell, decay
    convolves = isinstance(layer, HybridConvWindow)
    weight, bias = (cell.conv.weight, cell.bias) if convolves else (cell.linear.weight, cell.linear.bias)
    weight = of_weights * weight
    if cell.local and layer.trace_at_test == "frozen":
        trace = (cell.alpha * layer.trace).T.reshape(weight.shape)
        weight = weight + of_trace * trace
    weight, bias = _array(weight * cell.p.current_gain), _array(bias * cell.p.current_gain)
    if not convolves:
        return nir.Affine(weight, bias), (len(bias),)
    _, stride, padding = cell.shape
    node = nir.Conv2d(
        input_shape=shape[1:],
        weight=weight,
        stride=stride,
        padding=padding,
        dilation=1,
        groups=1,
        bias=bias,
    )
    return node, tuple(int(side) for side in node.output_type["output"])


def _add_neurons(
    name: str,
    entered: str,
    shape: tuple[int, ...],
    p: HybridParameters,
    nodes: dict[str, Any],
    edges: list[tuple[str, str]],
) -> str:
    """Add the neurons behind the node of their current; returns the node of their spikes."""
    import nir

    def everywhere(value: float) -> NDArray[np.float64]:
        return np.full(shape, value)

    threshold, spikes = everywhere(p.threshold), f"{name}_spikes"
    if p.reset == "zero" and p.membrane_decay == 1:
        nodes[spikes] = nir.IF(r=everywhere(1 / DT), v_threshold=threshold)
        edges.append((entered, spikes))
        return spikes
    keeps = p.membrane_decay if p.reset == "zero" else 0.0  # of the neuron itself
    tau = DT / (1 - keeps)
    neurons = nir.LIF(
        tau=everywhere(tau), r=everywhere(tau / DT), v_leak=everywhere(0), v_threshold=threshold
    )
    if p.reset == "zero":
        nodes[spikes] = neurons
        edges.append((entered, spikes))
        return spikes
    membrane, leak, reset = f"{name}_membrane", f"{name}_leak", f"{name}_reset"
    nodes[membrane] = _times(1, shape)
    nodes[spikes] = neurons
    nodes[leak] = _times(p.membrane_decay, shape)
    nodes[reset] = _times(-p.membrane_decay * p.threshold, shape)
    edges += [
        (entered, membrane),
        (membrane, spikes),
        (membrane, leak),
        (leak, membrane),
        (spikes, reset),
        (reset, membrane),
    ]
    return spikes


def _times(factor: float, shape: tuple[int, ...]) -> Any:
    """A node that multiplies by a number: of linear nodes, which every tool reads, unlike NIR's Scale."""
    import nir

    diagonal = factor * np.eye(shape[0])
    if len(shape) == 1:
        return nir.Linear(diagonal)
    return nir.Conv2d(
        input_shape=shape[1:],
        weight=diagonal[:, :, None, None],
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=np.zeros(shape[0]),
    )


def _array(values: torch.Tensor) -> NDArray[Any]:
    return values.detach().cpu().numpy()

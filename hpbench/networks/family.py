"""Networks by name: hp, gp, lp (one spiking family) and their real-valued twin, ann."""

from math import prod
from typing import Any

import torch

from hpbench.core.task import ContinualTask
from hpbench.networks.dense import DenseNetwork
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.hybrid_cell import HybridParameters
from hpbench.spiking.network import SpikingNetwork

NETWORKS = ("hp", "gp", "lp", "ann")


def build_network(kind: str, settings: Any, task: ContinualTask) -> torch.nn.Module:
    """A network for this task: its inputs, `settings.hidden`, its outputs.

    `settings` has the fields of TraceSettings for hp and lp, of NeuronSettings for gp, of DenseSettings
    for ann.
    """
    widths = [prod(task.input_shape), *settings.hidden, task.outputs]
    if kind == "ann":
        return DenseNetwork(widths)
    parameters = HybridParameters(
        threshold=settings.threshold,
        membrane_decay=settings.membrane_decay,
        weight_time_constant=settings.weight_time_constant,
        surrogate=settings.surrogate,
    )
    trace_at_test = "zero"
    if kind != "gp":
        parameters = parameters._replace(trace_decay=settings.trace_decay, trace_bound=settings.trace_bound)
        trace_at_test = settings.trace_at_test
    encoder = Encoder(task.encoding, task.time_steps, task.max_rate)
    return SpikingNetwork(widths, encoder, kind, parameters, trace_at_test)

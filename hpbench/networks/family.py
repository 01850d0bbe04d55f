"""Networks by name: hp, gp, lp (one spiking family) and their real-valued twin, ann."""

from math import prod
from typing import Any

import torch

from hpbench.core.task import ContinualTask
from hpbench.networks.dense import DenseNetwork
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.network import LEARNERS, SpikingNetwork
from hpbench.spiking.parameters import DIALECTS, HybridParameters

NETWORKS = (*LEARNERS, "ann")


def build_network(kind: str, settings: Any, task: ContinualTask) -> torch.nn.Module:
    """A network for this task: its inputs, `settings.hidden`, its outputs.

    `settings` has the fields of TraceSettings for hp and lp, of NeuronSettings for gp, of DenseSettings
    for ann. Raises InputError if the trace at test does not fit the trace.
    """
    widths = [prod(task.input_shape), *settings.hidden, task.outputs]
    if kind == "ann":
        return DenseNetwork(widths)
    return SpikingNetwork(
        widths,
        Encoder(task.encoding, task.time_steps, task.max_rate),
        kind,
        hybrid_parameters(settings),
        dialect=settings.dialect,
        read_out=settings.read_out,
        trace_at_test=None if kind == "gp" else settings.trace_at_test,
        recurrent=settings.recurrent,
        trace_form="auto" if kind == "gp" else settings.trace_form,
    )


def hybrid_parameters(settings: Any) -> HybridParameters:
    """The preset of `settings.dialect`, with what the settings say instead; None leaves the preset."""
    chosen = {name: getattr(settings, name, None) for name in HybridParameters._fields}
    return DIALECTS[settings.dialect]._replace(
        **{name: value for name, value in chosen.items() if value is not None}
    )

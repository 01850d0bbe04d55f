"""Networks by name: hp, gp, lp (one class of spiking networks), those of other learning rules, and ann."""

import math
from typing import Any

import torch

from hpbench.networks.dense import DenseNetwork
from hpbench.spiking.choices import TIMED
from hpbench.spiking.credit.networks import DirectFeedback, FeedbackAlignment, TargetProjection
from hpbench.spiking.credit.online_network import OnlineNetwork
from hpbench.spiking.credit.target_networks import DifferenceTargets, DirectDifferenceTargets
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.multitask.network import MultitaskNetwork
from hpbench.spiking.network import Convolution, SpikingNetwork
from hpbench.spiking.neurons.table import neuron_of
from hpbench.spiking.parameters import DIALECTS, HybridParameters
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.image_shape import image_shape

CREDIT: dict[str, type[SpikingNetwork]] = {
    "fa": FeedbackAlignment,
    "dfa": DirectFeedback,
    "drtp": TargetProjection,
    "dtp": DifferenceTargets,
    "ddtp": DirectDifferenceTargets,
    "slayer": SpikingNetwork,
    "eprop": OnlineNetwork,
    "ottt": OnlineNetwork,
    "sltt": OnlineNetwork,
    "superspike": OnlineNetwork,
}
"""The network of `gp` with other rules of learning; its settings give their `options`."""


def build_network(kind: str, settings: Any, task: ContinualTask) -> torch.nn.Module:
    """A network for this task: its inputs, `settings.kernels` and `settings.hidden`, its outputs.

    `settings` has the fields of TraceSettings for hp and lp, of NeuronSettings for gp, of DenseSettings
    for ann, which takes the time steps of events as channels. Raises InputError if `trace_at_test` does not
    fit `trace_scope`, or for convolutions over inputs that are not images.
    """
    shared = settings.kernel_size, settings.stride, settings.pool
    convolutions = [Convolution(one, *shared) for one in settings.kernels]
    shape = task.input_shape[1:] if task.encoding in TIMED else task.input_shape
    if convolutions:
        shape = image_shape(shape, "strategy.kernels")
    if kind == "ann":
        channels = task.time_steps * shape[0] if task.encoding in TIMED else shape[0]
        return DenseNetwork(
            [math.prod(task.input_shape), *settings.hidden, task.outputs],
            convolutions,
            (channels, *shape[1:]),
            settings.dropout,
            **_norm(settings),
        )
    encoder = Encoder(task.encoding, task.time_steps, task.max_rate, **task.code)
    inputs = math.prod(shape) * encoder.widening
    if getattr(settings, "architecture", None) == "multitask":
        return _multitask(kind, settings, task, inputs, encoder)
    rule = CREDIT.get(kind, SpikingNetwork)
    name, kind = kind, "gp" if kind in CREDIT else kind
    network = rule(
        [inputs, *settings.hidden, task.outputs],
        encoder,
        kind,
        hybrid_parameters(settings),
        convolutions=convolutions,
        image=shape,
        dialect=settings.dialect,
        read_out=settings.read_out,
        trace_at_test=None if kind == "gp" else settings.trace_at_test,
        trace_decay_at_test=None if kind == "gp" else settings.trace_decay_at_test,
        recurrent=settings.recurrent,
        trace_form="auto" if kind == "gp" else settings.trace_form,
        trace_in="all" if kind == "gp" else settings.trace_in,
        dropout=settings.dropout,
        output_gain=settings.output_gain,
        **(_norm(settings) if kind == "gp" else {}),
        **getattr(settings, "options", {}),
    )
    network.learner = name
    return network


def _multitask(
    kind: str, settings: Any, task: ContinualTask, inputs: int, encoder: Encoder
) -> MultitaskNetwork:
    shared = task.multi_head and settings.task_masks
    return MultitaskNetwork(
        [inputs, *settings.hidden, task.outputs // (len(task.train) if shared else 1)],
        encoder,
        kind,
        hybrid_parameters(settings)._replace(trace_bound=math.inf),
        mask_share=settings.task_masks,
        trace_at_test=getattr(settings, "trace_at_test", None) or "batch",
    )


def _norm(settings: Any) -> dict[str, Any]:
    """The norm of a network, for settings that have one (NormSettings)."""
    if getattr(settings, "norm", "none") == "none":
        return {}
    adapts = settings.adapt_at_test != "none"
    return {"norm": True, "norm_adapts": adapts, "entropy_lr": settings.entropy_lr}


def hybrid_parameters(settings: Any) -> HybridParameters:
    """The parameters of `settings.dialect`, replaced by every setting that is not None, and the neuron."""
    chosen = {name: getattr(settings, name, None) for name in HybridParameters._fields}
    chosen["neuron"] = neuron_of(settings)
    return DIALECTS[settings.dialect]._replace(
        **{name: value for name, value in chosen.items() if value is not None}
    )

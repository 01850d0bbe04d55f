"""Builds the networks that learn by the gradients of their spike times."""

import math
from typing import Any

from hpbench.spiking.choices import TIMED
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.spike_times.membrane import Membrane
from hpbench.spiking.spike_times.networks import EventProp, SpikeProp, SpikeTimeNetwork
from hpbench.tasks.continual import ContinualTask


def spike_time_network(
    kind: type[EventProp] | type[SpikeProp], settings: Any, task: ContinualTask
) -> SpikeTimeNetwork:
    """A network for this task: its inputs, `settings.hidden`, its outputs.

    `settings` gives the neuron and, as `options`, what else the network takes, for a number of steps.
    """
    encoder = Encoder(task.encoding, task.time_steps, task.max_rate, **task.code)
    shape = task.input_shape[1:] if task.encoding in TIMED else task.input_shape
    widths = [math.prod(shape) * encoder.widening, *settings.hidden, task.outputs]
    steps = task.time_steps
    neuron = Membrane(**settings.neuron(steps), slope_floor=settings.slope_floor / steps)
    return kind(widths, encoder, neuron, **settings.options(steps))

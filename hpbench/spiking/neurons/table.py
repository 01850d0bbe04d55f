"""The neuron models by the name that settings use; a new one needs its file and a line here."""

import dataclasses
from typing import Any

from hpbench.spiking.neurons.adaptive import Adaptive
from hpbench.spiking.neurons.izhikevich import Izhikevich
from hpbench.spiking.neurons.lif import Lif
from hpbench.spiking.neurons.neuron import Neuron
from hpbench.spiking.neurons.spike_response import SpikeResponse

NEURONS: dict[str, type[Neuron]] = {
    "lif": Lif,
    "adaptive": Adaptive,
    "izhikevich": Izhikevich,
    "spike_response": SpikeResponse,
}


def neuron_of(settings: Any, name: str | None = None) -> Neuron:
    """The neuron `settings.neuron`, or of another name, with its own settings from `settings`."""
    kind: Any = NEURONS[name or settings.neuron]
    return kind(**{one.name: getattr(settings, one.name) for one in dataclasses.fields(kind)})


def implied_of_neurons(settings: Any) -> dict[str, object]:
    """The values that a None in the own settings of any neuron stands for, by setting."""
    found: dict[str, object] = {}
    for name in NEURONS:
        found |= neuron_of(settings, name).implied()
    return found


def with_setting(name: str) -> tuple[str, ...]:
    """The neurons on which a shared constant acts (`Neuron.SHARED`)."""
    return tuple(key for key, kind in NEURONS.items() if name in kind.SHARED)

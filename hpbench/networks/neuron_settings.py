"""The settings that neuron models have of their own, gathered from the table of neurons."""

import dataclasses
from typing import Any

from hpbench.core.settings import setting
from hpbench.spiking.neurons.table import NEURONS, with_setting


def _with_those_of_neurons(kind: type) -> Any:
    """The dataclass with the fields of all neurons, each of which acts with its own neuron only."""
    fields: list[tuple[str, Any, Any]] = []
    for name, neuron in NEURONS.items():
        for one in dataclasses.fields(neuron):  # type: ignore[arg-type]
            own = {**one.metadata, "acts_with": {**one.metadata["acts_with"], "neuron": name}}
            fields.append((one.name, one.type, setting(one.default, **own)))
    namespace = {"__module__": __name__, "__doc__": kind.__doc__}
    return dataclasses.make_dataclass(kind.__name__, fields, bases=(kind,), namespace=namespace)


@_with_those_of_neurons
class OwnNeuronSettings:
    """Settings of the neurons' own, for settings that include the choice of a `neuron`."""


SHARED_CONSTANTS = {name: {"neuron": with_setting(name)} for name in ("membrane_decay", "reset")}
"""Neurons on which constants of the LIF neuron act, for `ACTS_WITH`."""

"""A neuron model apart from any network: its settings, and its response to given currents."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from hpbench.core.settings import setting, with_default
from hpbench.networks.settings import NeuronSettings
from hpbench.spiking.neurons.table import NEURONS, neuron_of
from hpbench.spiking.parameters import RELEASE

if TYPE_CHECKING:
    from torch import Tensor


@dataclass
class LoneNeuronSettings:
    """What is common to all neurons; `lone_neuron_settings` adds those of one."""

    neuron: ClassVar[str]
    threshold: float = with_default(NeuronSettings, "threshold", NeuronSettings.threshold)
    current: float = setting(
        0.7, "constant current that is switched on and off", unit="v_th", low=0.01, high=1000
    )
    steps: int = setting(150, "time that is shown", unit="ms", low=10, high=10_000)
    cells: int = setting(
        41, "neurons of the raster, with currents from 0 to twice `current`", unit="neurons", low=2, high=500
    )

    def implied(self) -> dict[str, object]:
        """The values that None stands for."""
        return {**RELEASE._asdict(), **neuron_of(self).implied()}


def lone_neuron_settings(name: str) -> type:
    """The settings of a neuron: its own, and the shared constants that act on it."""
    kind = NEURONS[name]
    shared = [one for one in dataclasses.fields(NeuronSettings) if one.name in kind.SHARED]
    fields = [*dataclasses.fields(kind), *shared]  # type: ignore[arg-type]
    return dataclasses.make_dataclass(
        "Settings",
        [(one.name, one.type, setting(one.default, **one.metadata)) for one in fields],
        bases=(LoneNeuronSettings,),
        namespace={"neuron": name},
    )


class Responses(NamedTuple):
    """What neurons do with currents (T, n): membranes before a reset, thresholds, spikes, each (T, n)."""

    membranes: "Tensor"
    thresholds: "Tensor"
    spikes: "Tensor"


def responses(settings: Any, currents: "Tensor") -> Responses:
    """Responses to currents (T, n) in units of v_th; membranes and thresholds are in units of v_th, too."""
    import torch

    neuron = neuron_of(settings)
    shared = {name: getattr(settings, name) for name in neuron.SHARED}
    p = RELEASE._replace(
        neuron=neuron,
        threshold=settings.threshold,
        **{name: value for name, value in shared.items() if value is not None},
    )
    state, found = neuron.rest(currents[0]), []
    for current in currents * settings.threshold:
        state = neuron.step(current, state, p)
        threshold = torch.as_tensor(neuron.threshold(state, p), dtype=currents.dtype)
        seen = state.membrane / p.threshold, (threshold / p.threshold).expand_as(current), state.spikes
        found.append(seen)
    return Responses(*(torch.stack(one) for one in zip(*found, strict=True)))

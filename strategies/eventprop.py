"""EventProp: leaky integrate-and-fire neurons that learn by the exact gradient of their spike times.

Rule: ∂L/∂w_ji = −τ_s Σ λ_i,j(t) over the spikes t of input i; backward in time τ_m λ_v' = −λ_v − ∂l/∂v, τ_s
λ_i' = −λ_i + λ_v, and at a spike of neuron j λ_v jumps by an error over v' (`spiking.spike_times.neurons`).
No surrogate: errors enter a neuron where it fires and nowhere else. The neuron is τ_m v' = −v + i, τ_s i' =
−i, i rises by c w_ji at a spike of i, v is set to 0 where it reaches 1; outputs integrate. Spikes have exact
times within a step, at most one of a neuron in each, and count from the next step on. A neuron that is lifted
over the threshold by what counts from now on fires when, within the step before, v as it is known now
crossed it. Inputs are spikes, also of other strengths than 1; a constant x keeps up a current c w
x. By c, 1 over the largest response to i = 1, a weight is the height of its postsynaptic potential.
Source: Wunderlich and Pehle, Sci. Rep. 11:12829 (2021) (97.6 % MNIST by latencies, 350 hidden neurons).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpbench.core.errors import InputError
from hpbench.core.published import classification
from hpbench.core.settings import setting, with_default
from hpbench.learning.spike_time_settings import SpikeTimeSettings
from hpbench.learning.supervised import supervised
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PUBLISHED = classification(
    "mnist",
    0.976,
    "EventProp, latencies, 350 hidden neurons",
    "Wunderlich and Pehle, Sci. Rep. 11:12829 (2021)",
    band=0.01,
)


@dataclass
class Settings(SpikeTimeSettings):
    """The network, its neurons and its read-out."""

    lr: float = with_default(SpikeTimeSettings, "lr", 2e-3)
    weight_spread: float = with_default(SpikeTimeSettings, "weight_spread", 2.0)
    membrane_tau: float = setting(2.0, "time constant τ_m of the membrane", unit="windows", low=0.05)
    synapse_tau: float = setting(0.5, "time constant τ_s of the synaptic current", unit="windows", low=0.05)
    read_out: str = setting(
        "membrane_mean",
        "scores: the outputs' mean membranes over the ends of steps, or the highest, as in the paper, by "
        "which outputs below 0 learn nothing",
        choices=("membrane_mean", "membrane_max"),
    )

    def neuron(self, steps: int) -> dict[str, Any]:
        """The neuron's constants in steps."""
        return {"membrane_tau": self.membrane_tau * steps, "synapse_tau": self.synapse_tau * steps}

    def options(self, steps: int) -> dict[str, Any]:
        """What the network takes beside its neurons."""
        return {**super().options(steps), "read_out": self.read_out}

    def check(self) -> None:
        """Raise InputError if there are no hidden layers."""
        super().check()
        if not self.hidden:
            raise InputError(
                "strategy.hidden=[]: outputs of this network do not fire, and without hidden layers there "
                "are no spikes to learn; name at least one, such as strategy.hidden=[350]"
            )


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the network through the stream."""
    from hpbench.networks.spike_times import spike_time_network
    from hpbench.spiking.spike_times.networks import EventProp

    return supervised(settings, task, spike_time_network(EventProp, settings, task))

"""SpikeProp: every neuron fires at most once, and learns by the gradient of the time at which it does.

Rule: ∂t_j/∂w_ji = −ε(t_j − t_i)/u_j'(t_j), ∂t_j/∂t_i = w_ji ε'(t_j − t_i)/u_j'(t_j), where u_j(t) = Σ_i w_ji
ε(t − t_i) reaches 1 at t_j, ε(s) = (s/τ) e^(1 − s/τ). Scores are (T − t_j)/`score_scale` of the outputs. An
output that is silent counts as a spike at T + τ (1 − u_j(T)), so that it learns to fire; a silent hidden
neuron learns nothing from that sample. Slopes u' below `slope_floor` count as that. Spike times are exact
within a step and count from the next step on; a neuron that is lifted over the threshold by what counts from
now on fires when, within the step before, u as it is known now crossed it. Inputs are spikes, also several of
an input and of other strengths than 1; a constant x keeps up a current in proportion to w x. There is one
synapse from neuron to neuron, where the paper has 16 with fixed delays.
Source: Bohte, Kok and La Poutré, Neurocomputing 48:17 (2002), first at ESANN 2000 (Iris 96.1 %).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpbench.core.settings import setting, with_default
from hpbench.learning.spike_time_settings import SpikeTimeSettings
from hpbench.learning.supervised import supervised
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"


@dataclass
class Settings(SpikeTimeSettings):
    """The network, its neurons and its scores."""

    weight_mean: float = with_default(SpikeTimeSettings, "weight_mean", 15.0)
    slope_floor: float = with_default(SpikeTimeSettings, "slope_floor", 1.0)
    tau: float = setting(1.0, "time constant τ of ε, and the time of its peak", unit="windows", low=0.05)
    score_scale: float = setting(
        0.02, "time by which an earlier spike raises the score by 1", unit="windows", low=1e-6
    )

    def neuron(self, steps: int) -> dict[str, Any]:
        """The neuron, whose postsynaptic potential is ε since both time constants are alike."""
        return {"membrane_tau": self.tau * steps, "synapse_tau": self.tau * steps, "reset": False}

    def options(self, steps: int) -> dict[str, Any]:
        """What the network takes beside its neurons."""
        return {**super().options(steps), "score_scale": self.score_scale * steps}


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the network through the stream."""
    from hpbench.networks.spike_times import spike_time_network
    from hpbench.spiking.spike_times.networks import SpikeProp

    return supervised(settings, task, spike_time_network(SpikeProp, settings, task))

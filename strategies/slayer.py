"""SLAYER: a network of spike response neurons, whose errors are correlated back in time.

Rule: δ_l(t) = ρ(u_l(t)) ∂s_l(t), ∂I_l(t) = Σ_{t'≥t} ε(t' − t) δ_l(t'), ∂s_{l−1}(t) = d_t ∂I_l(t) W_l, with
ρ(u) = e^(−|u − v_th|); the response ν to a neuron's own spikes passes no error. All else as `gp`.
Source: Shrestha and Orchard, NeurIPS 2018 (convolutions: 99.36 % MNIST, 99.20 % N-MNIST, 93.64 % DVS
Gesture).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.published import classification
from hpbench.core.settings import with_default
from hpbench.learning.settings import TrainingSettings
from hpbench.learning.supervised import supervised
from hpbench.networks.settings import NeuronSettings
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {"cross_entropy": ("cross-entropy in place of squared error", {"loss": "cross_entropy"})}
PUBLISHED = classification(
    "mnist",
    0.9936,
    "SLAYER, spiking convolutions of 12 and 64",
    "Shrestha and Orchard, NeurIPS 2018",
    band=0.01,
)


@dataclass
class Settings(TrainingSettings, NeuronSettings):
    """Settings of `gp`, with the authors' neuron and surrogate, in units of the threshold."""

    neuron: str = with_default(NeuronSettings, "neuron", "spike_response")
    refractory_gradient: bool = with_default(NeuronSettings, "refractory_gradient", False)
    threshold: float = with_default(NeuronSettings, "threshold", 1.0)
    surrogate: str = with_default(NeuronSettings, "surrogate", "exponential")
    read_out: str | None = with_default(NeuronSettings, "read_out", "rate")


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the network through the stream."""
    return supervised(settings, task, "slayer")

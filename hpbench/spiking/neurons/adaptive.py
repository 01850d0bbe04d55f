"""Adaptive leaky integrate-and-fire neuron (ALIF): every spike raises the threshold, which then decays.

    u(t) = k R(u(t−1), s(t−1)) + c I(t)      R = u − v_th s (subtract) or (1 − s) u (zero)
    a(t) = ρ a(t−1) + s(t−1)
    s(t) = H(u(t) − v_th − β a(t))

The neuron of long short-term memory spiking networks (LSNN): Bellec et al., NeurIPS 2018, and Nat. Commun.
11:3625 (2020), whose ρ is exp(−1 ms/τ_a). With β = 0 it is the LIF neuron.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from hpbench.core.settings import setting
from hpbench.spiking.neurons.neuron import Neuron, spikes_at, zeros

if TYPE_CHECKING:
    from torch import Tensor

    from hpbench.spiking.parameters import HybridParameters


class AdaptiveState(NamedTuple):
    """u(t), s(t) and a(t)."""

    membrane: "Tensor"
    spikes: "Tensor"
    adaptation: "Tensor"


@dataclass(frozen=True)
class Adaptive(Neuron):
    """Settings β and ρ; the others are those of the LIF neuron."""

    SHARED: ClassVar[tuple[str, ...]] = ("membrane_decay", "reset")

    adaptation: float = setting(
        0.1, "rise β of the threshold with each spike of the neuron", unit="membrane units", low=0
    )
    adaptation_decay: float = setting(
        0.95, "share ρ of the threshold's rise left after a step", low=0, high=1
    )

    def rest(self, like: "Tensor") -> AdaptiveState:
        """u = 0, no spikes, a = 0."""
        nothing = zeros(like)
        return AdaptiveState(nothing, nothing, nothing)

    def step(self, current: "Tensor", state: AdaptiveState, p: "HybridParameters") -> AdaptiveState:
        """u(t), s(t) and a(t)."""
        membrane, spikes, adaptation = state
        left = membrane - p.threshold * spikes if p.reset == "subtract" else membrane * (1 - spikes)
        membrane = p.membrane_decay * left + p.current_gain * current
        adaptation = self.adaptation_decay * adaptation + spikes
        fired = spikes_at(membrane - p.threshold - self.adaptation * adaptation, p)
        return AdaptiveState(membrane, fired, adaptation)

    def threshold(self, state: AdaptiveState, p: "HybridParameters") -> "Tensor":
        """v_th + β a(t)."""
        return p.threshold + self.adaptation * state.adaptation

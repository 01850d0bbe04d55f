"""Leaky integrate-and-fire neuron, Eqs. 2 and 6-8 of Wu et al., Nat. Commun. 13:65 (2022).

    u(t) = k R(u(t−1), s(t−1)) + c I(t)      R = u − v_th s (subtract) or (1 − s) u (zero)
    s(t) = H(u(t) − v_th)

Its derivative is written out in `hpbench.spiking.neuron`, and compiled kernels compute whole windows of it
(`hpbench.spiking.fused`); other models are recorded step by step.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from hpbench.spiking.neurons.neuron import Neuron, zeros

if TYPE_CHECKING:
    from torch import Tensor

    from hpbench.spiking.parameters import HybridParameters


class LifState(NamedTuple):
    """u(t) and s(t)."""

    membrane: "Tensor"
    spikes: "Tensor"


@dataclass(frozen=True)
class Lif(Neuron):
    """All its constants are shared ones: `threshold` v_th, `membrane_decay` k, `current_gain` c, `reset`."""

    SHARED: ClassVar[tuple[str, ...]] = ("membrane_decay", "reset")

    def rest(self, like: "Tensor") -> LifState:
        """u = 0, no spikes."""
        nothing = zeros(like)
        return LifState(nothing, nothing)

    def step(self, current: "Tensor", state: LifState, p: "HybridParameters") -> LifState:
        """u(t) and s(t)."""
        from hpbench.spiking.neuron import fire

        return LifState(*fire(current, state.membrane, state.spikes, p))

"""Spike response model (SRM): the membrane is a sum of responses to currents and to the neuron's own spikes.

    u = ε ∗ (c I) + ν ∗ s,   s(t) = H(u(t) − v_th)
    ε(t) = (t/τ) e^(1 − t/τ),   ν(t) = −2 v_th (t/τ_r) e^(1 − t/τ_r)

at whole steps t = 0, 1, …; both kernels are 0 at 0, so that a current and a spike act from the next step on:
a layer answers one step later than one of LIF neurons. A spike resets nothing; ν lowers the membrane.
Gerstner and Kistler, Spiking Neuron Models (2002), Chap. 4; kernels of SLAYER, Shrestha and Orchard, NeurIPS
2018.

The convolution with (t/τ) e^(1 − t/τ) is computed exactly by two states: with q = e^(−1/τ),
A(t) = q A(t−1) + x(t), B(t) = q (A(t−1) + B(t−1)), the result is (e/τ) B.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hpbench.core.settings import setting
from hpbench.spiking.neurons.neuron import Neuron, spikes_at, zeros

if TYPE_CHECKING:
    from torch import Tensor

    from hpbench.spiking.parameters import HybridParameters


class SpikeResponseState(NamedTuple):
    """u(t), s(t), and A(t) and B(t) of the currents (response) and of the spikes (refractory)."""

    membrane: "Tensor"
    spikes: "Tensor"
    response: "Tensor"
    response_slow: "Tensor"
    refractory: "Tensor"
    refractory_slow: "Tensor"


@dataclass(frozen=True)
class SpikeResponse(Neuron):
    """Settings τ and τ_r, and the path of errors; leak and reset of the LIF neuron have no meaning here."""

    response_time_constant: float = setting(
        2.0, "time τ to the peak of the response to a current", unit="steps", low=0.1
    )
    refractory_time_constant: float = setting(
        2.0, "time τ_r to the peak of the response to a spike of the neuron itself", unit="steps", low=0.1
    )

    refractory_gradient: bool = setting(
        True, "errors also pass through ν, the response to a neuron's own spikes; SLAYER leaves this path out"
    )

    def rest(self, like: "Tensor") -> SpikeResponseState:
        """Nothing to respond to."""
        return SpikeResponseState(*[zeros(like)] * 6)

    def step(self, current: "Tensor", state: SpikeResponseState, p: "HybridParameters") -> SpikeResponseState:
        """u(t) and s(t), and the states of the convolutions."""
        _, _, response, response_slow, refractory, refractory_slow = state
        left, left_refractory = (math.exp(-1 / one) for one in self._time_constants)
        height, depth = (math.e / one for one in self._time_constants)
        response_slow = left * (response + response_slow)
        refractory_slow = left_refractory * (refractory + refractory_slow)
        membrane = height * response_slow - 2 * p.threshold * depth * refractory_slow
        spikes = spikes_at(membrane - p.threshold, p)
        seen = spikes if self.refractory_gradient else spikes.detach()
        return SpikeResponseState(
            membrane,
            spikes,
            left * response + p.current_gain * current,
            response_slow,
            left_refractory * refractory + seen,
            refractory_slow,
        )

    @property
    def _time_constants(self) -> tuple[float, float]:
        return self.response_time_constant, self.refractory_time_constant

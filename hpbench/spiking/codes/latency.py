"""Latency code: one spike, earlier for a larger value."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hpbench.spiking.codes.code import Code

if TYPE_CHECKING:
    from torch import Tensor

GAIN = 10.0
"""Norse's LIF encoder has threshold 1 and never fires on a current below 1, so that values are scaled up."""


@dataclass
class Latency(Code):
    """The first spike of a leaky integrate-and-fire neuron that the current 10 x charges from 0, by Norse.

    dv/dt = (10 x − v) / τ with τ = 10 ms and threshold 1: values up to 0.1 never fire, 1 fires in the second
    step. Other names: time to first spike, intensity to latency. No gradient. Source: VanRullen and Thorpe,
    Neural Comput. 13:1255 (2001).
    """

    no_gradient: ClassVar[str] = "times of first spikes pass no gradient to the input"

    @property
    def equation(self) -> str:
        """One spike where the membrane first passes 1."""
        return r"$s_t = 1$ where $v_t > 1$ first, $\tau\,\dot{v} = 10\,x - v$"

    def coded(self, values: "Tensor", steps: int) -> "Tensor":
        """Spikes (T, B, …), at most one for each value."""
        from norse.torch.functional.encode import spike_latency_lif_encode

        return spike_latency_lif_encode(values * GAIN, steps)

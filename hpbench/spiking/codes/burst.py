"""Burst code: a larger value is a burst of more spikes, closer together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hpbench.core.settings import setting
from hpbench.spiking.codes.code import Code

if TYPE_CHECKING:
    from torch import Tensor


@dataclass
class BurstSettings:
    """The largest burst."""

    burst_length: int = setting(
        5,
        "spikes N of the burst that stands for 1",
        unit="spikes",
        low=1,
        acts_with={"encoding": "burst"},
    )
    burst_interval: int = setting(
        2,
        "interval D between the spikes of the burst that stands for 1; a smaller value has a longer one, up "
        "to the window",
        unit="ms",
        low=1,
        acts_with={"encoding": "burst"},
    )


@dataclass
class Burst(BurstSettings, Code):
    """⌈N x⌉ spikes from the first step on, ⌈T − (T − D) x⌉ steps apart; those beyond the window are lost.

    T is the window. No gradient. Source: Guo, Fouda, Eltawil and Salama, Front. Neurosci. 15:638474 (2021),
    burst coding, with their values of N and D.
    """

    no_gradient: ClassVar[str] = "whole numbers of spikes in a burst pass no gradient to the input"

    @property
    def equation(self) -> str:
        """The steps with a spike."""
        return (
            r"$s_t = 1$ for $t = 1 + j\,\lceil T - (T - D)\,x \rceil$, $j = 0, \ldots, \lceil N x \rceil - 1$"
        )

    def coded(self, values: "Tensor", steps: int) -> "Tensor":
        """Spikes (T, B, …)."""
        import torch

        longest = max(steps, self.burst_interval)  # in a window that is shorter than the shortest interval
        spikes = (self.burst_length * values).ceil()
        interval = (longest - (longest - self.burst_interval) * values).ceil()
        time = torch.arange(steps, dtype=values.dtype, device=values.device).view(-1, *[1] * values.ndim)
        return ((time.remainder(interval) == 0) & (time < spikes * interval)).to(values.dtype)

"""Poisson code: spikes at random, at a rate in proportion to the value."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hpbench.spiking.codes.code import Code
from hpbench.spiking.codes.rate import RateSettings

if TYPE_CHECKING:
    from torch import Tensor


@dataclass
class Poisson(RateSettings, Code):
    """P[s(t) = 1] = r x, at every step by itself, r being `max_rate` in spikes a step.

    The gradient is that of the expected number, r x a step. Norse draws the spikes. Not to be confused with
    the regular code, which has the same rate without its noise. Source: Heeger, "Poisson model of spike
    generation" (2000), in steps that are short beside the intervals.
    """

    drawn: ClassVar[bool] = True

    @property
    def equation(self) -> str:
        """P[s(t) = 1] = r x."""
        return r"$P\,[s_t = 1] = r\,x$"

    def coded(self, values: "Tensor", steps: int) -> "Tensor":
        """Spikes (T, B, …), drawn from torch's generator."""
        from norse.torch.functional.encode import poisson_encode

        return poisson_encode(values, steps, f_max=self.max_rate)

    def expected(self, values: "Tensor") -> "Tensor":
        """r x, (B, …)."""
        return values * self.spikes_per_step

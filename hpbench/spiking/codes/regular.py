"""Regular code: evenly spaced spikes, at a rate in proportion to the value."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.spiking.codes.code import Code
from hpbench.spiking.codes.rate import RateSettings

if TYPE_CHECKING:
    from torch import Tensor


@dataclass
class Regular(RateSettings, Code):
    """s(t) = ⌊r x t + 1/2⌋ − ⌊r x (t − 1) + 1/2⌋, r being `max_rate` in spikes a step.

    An integrator that starts half way to its threshold and counts down by it at every spike: after t steps
    there were r x t spikes, rounded, and none is drawn at random. The gradient is that of the rate, r x a
    step, the mean of the code over all phases at which the integrator may start. Other names: uniform rate,
    deterministic rate. Source: the input neurons of Rueckauer, Lungu, Hu, Pfeiffer and Liu, Front. Neurosci.
    11:682 (2017), reset by subtraction.
    """

    @property
    def equation(self) -> str:
        """The difference of rounded numbers of spikes."""
        return r"$s_t = \lfloor r x t + 1/2 \rfloor - \lfloor r x (t - 1) + 1/2 \rfloor$"

    def coded(self, values: "Tensor", steps: int) -> "Tensor":
        """Spikes (T, B, …)."""
        import torch

        time = torch.arange(steps + 1, dtype=values.dtype, device=values.device)
        until = (self.expected(values) * time.view(-1, *[1] * values.ndim) + 0.5).floor()
        return until.diff(dim=0)

    def expected(self, values: "Tensor") -> "Tensor":
        """r x, (B, …)."""
        return values * self.spikes_per_step

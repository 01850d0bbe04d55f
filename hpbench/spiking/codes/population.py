"""Population code: a row of neurons for each value, each with a receptive field of its own."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hpbench.core.settings import setting
from hpbench.spiking.codes.code import Code
from hpbench.spiking.codes.poisson import Poisson
from hpbench.spiking.codes.rate import RateSettings

if TYPE_CHECKING:
    from torch import Tensor


@dataclass
class PopulationSettings:
    """The receptive fields."""

    population_fields: int = setting(
        8,
        "receptive fields m of each value; the network has m times as many inputs",
        unit="fields",
        low=3,
        high=256,
        acts_with={"encoding": "population"},
    )
    population_spacing: float = setting(
        1.5,
        "distance between the centres of neighbouring fields, in widths σ of a field (β of Bohte et al.)",
        unit="σ",
        low=0.1,
        high=10,
        acts_with={"encoding": "population"},
    )


@dataclass
class Population(RateSettings, PopulationSettings, Code):
    """P[s_i(t) = 1] = r exp(−(x − μ_i)² / 2σ²) for the fields i = 1 … m, r being `max_rate` in spikes a step.

    The centres μ_i = (2i − 3) / (2m − 4) reach half a distance beyond 0 and 1, σ = 1 / (β (m − 2)) with
    `population_spacing` β. The gradient is that of the expected number of spikes, through the field. A value
    of 0 is no silence: the fields around 0 fire. Source: the fields of Bohte, La Poutré and Kok, IEEE Trans.
    Neural Netw. 13:426 (2002); that their neurons fire as Poisson processes: Pouget, Dayan and Zemel, Nat.
    Rev. Neurosci. 1:125 (2000).
    """

    drawn: ClassVar[bool] = True

    @property
    def equation(self) -> str:
        """The probability of a spike of field i."""
        return r"$P\,[s_{i,t} = 1] = r\,\exp\,(-(x - \mu_i)^2 / 2\sigma^2)$"

    @property
    def widening(self) -> int:
        """The fields."""
        return self.population_fields

    def coded(self, values: "Tensor", steps: int) -> "Tensor":
        """Spikes (T, B, …, m), drawn from torch's generator."""
        return Poisson(self.max_rate).coded(self.activity(values), steps)

    def expected(self, values: "Tensor") -> "Tensor":
        """r exp(−(x − μ_i)² / 2σ²), (B, …, m)."""
        return self.activity(values) * self.spikes_per_step

    def activity(self, values: "Tensor") -> "Tensor":
        """What the fields make of the values, in (0, 1], (B, …, m)."""
        import torch

        fields = self.population_fields
        number = torch.arange(1, fields + 1, dtype=values.dtype, device=values.device)
        centres = (2 * number - 3) / (2 * fields - 4)
        sigma = 1 / (self.population_spacing * (fields - 2))
        return torch.exp(-((values.unsqueeze(-1) - centres) ** 2) / (2 * sigma**2))

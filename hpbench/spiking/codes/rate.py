"""The setting that all codes by spike rate share."""

from dataclasses import dataclass

from hpbench.core.settings import setting


@dataclass
class RateSettings:
    """The rate that stands for the largest value."""

    max_rate: float = setting(
        500.0,
        "spike rate of a white pixel with poisson and regular encoding, of a field at its centre with "
        "population encoding",
        unit="Hz",
        low=0,
        high=1000,
        acts_with={"encoding": ("poisson", "regular", "population")},
    )

    @property
    def spikes_per_step(self) -> float:
        """Expected number of spikes in a step of 1 ms, for the value 1."""
        return self.max_rate / 1000

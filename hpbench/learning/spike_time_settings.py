"""Settings of networks that learn by the gradients of their spike times."""

from dataclasses import dataclass
from typing import Any

from hpbench.core.settings import setting, with_default
from hpbench.core.stream import Stream
from hpbench.learning.settings import TrainingSettings


@dataclass
class SpikeTimeSettings(TrainingSettings):
    """Training, shape and initial weights of dense layers; thresholds are 1, times are in windows.

    A subclass gives the neuron's time constants (`neuron`) and what a network takes beside (`options`), for a
    window of so many steps.
    """

    hidden: list[int] = setting([350], "neurons of each hidden layer", unit="neurons", low=1)
    loss: str = with_default(TrainingSettings, "loss", "cross_entropy")
    weight_mean: float = setting(
        6.0,
        "mean of the initial weights of neurons that fire, times the number of their inputs",
        unit="thresholds",
    )
    weight_spread: float = setting(
        1.0,
        "standard deviation of initial weights, times the root of the number of inputs",
        unit="thresholds",
        low=0,
    )
    slope_floor: float = setting(
        0.1,
        "least slope of a membrane at a spike that a gradient divides by",
        unit="thresholds per window",
        low=1e-9,
    )

    def options(self, steps: int) -> dict[str, Any]:
        """What the network takes beside its neurons: how initial weights are drawn."""
        return {"weight_mean": self.weight_mean, "weight_spread": self.weight_spread}

    def skip(self, stream: Stream) -> str:
        """Why such a network cannot be run on the stream; empty if it can."""
        layers = len(self.hidden) + 1
        if stream.time_steps is not None and stream.time_steps < layers:
            return (
                f"scenario.time_steps={stream.time_steps}: spikes count from the next step on, so "
                f"that {layers} layers need {layers} steps at least; set more, or fewer in strategy.hidden"
            )
        return super().skip(stream)

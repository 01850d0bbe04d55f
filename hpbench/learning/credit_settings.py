"""Settings of spiking networks that learn by other rules than backpropagation."""

from dataclasses import dataclass

from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.learning.settings import TrainingSettings
from hpbench.networks.settings import NeuronSettings


@dataclass
class CreditSettings(TrainingSettings, NeuronSettings):
    """Settings of `gp`, for a rule that concerns hidden layers."""

    def check(self) -> None:
        """Raise InputError if there are no hidden layers."""
        following = getattr(super(), "check", None)
        if following is not None:
            following()
        if not self.hidden and not self.kernels:
            raise InputError(
                "strategy.hidden=[]: this rule says how hidden layers learn, and there are none; the output "
                "layer alone learns as in strategy=gp"
            )


@dataclass
class TargetSettings(CreditSettings):
    """Settings of target propagation, for dense layers."""

    target_step: float = setting(
        1.0,
        "step η against the gradient of the sample's loss, by which the first target differs from the "
        "activity",
        low=0,
    )
    inverse_noise: float = setting(
        0.1,
        "standard deviation of the noise that the maps back learn to give back",
        unit="spikes per step",
        low=0,
    )

    def check(self) -> None:
        """Raise InputError if there are no hidden layers, or convolutions."""
        super().check()
        if self.kernels:
            raise InputError(
                f"strategy.kernels={self.kernels}: the maps back of target propagation are for dense layers "
                "here; leave it out"
            )

"""Settings of spiking networks that learn by other rules than backpropagation."""

from dataclasses import dataclass
from typing import Any, ClassVar

from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.learning.settings import TrainingSettings
from hpbench.networks.settings import NeuronSettings
from hpbench.spiking.credit.locality import OnlineRule


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
class DenseCreditSettings(CreditSettings):
    """For rules that are defined here for dense layers alone: there are no settings of convolutions."""

    kernels: ClassVar[list[int]] = []  # type: ignore[misc]
    kernel_size: ClassVar[int] = 1  # type: ignore[misc]
    stride: ClassVar[int] = 1  # type: ignore[misc]
    pool: ClassVar[int] = 1  # type: ignore[misc]
    dropout: ClassVar[float] = 0.0  # type: ignore[misc]


@dataclass
class OnlineOptions:
    """The output of a rule that learns step by step: it integrates."""

    output_decay: float = setting(
        0.9, "share κ of an output's membrane left after a step; outputs do not fire", low=0, high=1
    )

    @property
    def rule(self) -> OnlineRule:
        """What the rule makes of time and space."""
        raise NotImplementedError

    @property
    def options(self) -> dict[str, Any]:
        """What the network takes beside the settings of `gp`."""
        return {"rule": self.rule, "output_decay": self.output_decay}

    def check(self) -> None:
        """Raise InputError without hidden layers, for other neurons, and for another read-out."""
        super().check()  # type: ignore[misc]
        chosen: Any = self
        if chosen.neuron not in ("lif", "adaptive"):
            raise InputError(
                f"strategy.neuron={chosen.neuron}: online rules are defined for lif and adaptive neurons: "
                "choose one of them"
            )
        if chosen.read_out not in (None, "membrane_mean"):
            raise InputError(
                f"strategy.read_out={chosen.read_out}: the outputs of this rule integrate, and their mean "
                "membranes are the scores (membrane_mean); leave it out"
            )


@dataclass
class OnlineSettings(OnlineOptions, CreditSettings):
    """Settings of rules that learn step by step, with errors through the layers."""


@dataclass
class DenseOnlineSettings(OnlineOptions, DenseCreditSettings):
    """Settings of rules that filter eligibilities, which is defined here for dense layers."""


@dataclass
class TargetSettings(DenseCreditSettings):
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

    @property
    def options(self) -> dict[str, Any]:
        """What the network takes beside the settings of `gp`."""
        return {"target_step": self.target_step, "inverse_noise": self.inverse_noise}

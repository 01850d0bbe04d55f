"""Settings of Hebbian prototypes, for strategies that can be combined with them."""

from dataclasses import dataclass

from hpbench.core.acting import LATER_EXPERIENCES, SET, conditions_of, no_effect, other_than
from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.prototypes.column_settings import ColumnSettings
from hpbench.learning.reasons import needs_boundaries
from hpbench.plasticity.choices import PROTOTYPE_READ_OUTS
from hpbench.spiking.choices import TIMED

_ON = {"prototypes": True}

_OF_TRAINING = (
    "lr",
    "loss",
    "theta_lr",
    "theta_gradient",
    "energy_weight",
    "surrogate",
    "prototype_training",
)
"""Settings that act on how a network is trained and on nothing else."""


@dataclass
class PrototypeSettings(ColumnSettings):
    """A Hebbian class memory in addition to the network (Wu et al. 2022, Eqs. 14-17)."""

    prototypes: bool = setting(False, "mix the network's scores with those of class means of features")
    prototype_read_out: str = setting(
        "lda",
        "scores from the class means: dot product (Eq. 15), cosine, nearest mean, or LDA (lda)",
        choices=PROTOTYPE_READ_OUTS,
        acts_with=_ON,
    )
    prototype_of: str = setting(
        "last",
        "features: the input of the last layer (last), of the network (input), or of the module of this name",
        acts_with=_ON,
    )
    prototype_features: str = setting(
        "raw",
        "mean over time as it is, minus the mean of all samples, scaled to unit length, or number of spikes",
        choices=("raw", "centred", "unit", "counts"),
        acts_with=_ON,
    )
    prototype_decay: float = setting(
        1.0,
        "factor on the weight of a class's earlier samples at each new one; 1: exact means",
        low=0,
        high=1,
        acts_with=_ON,
    )
    mix: float = setting(
        0.0, "weight λ1 of the network's scores (Eq. 16); 0: prototypes alone", low=0, high=1, acts_with=_ON
    )
    mix_samples: float = setting(
        0.0,
        "number of samples at which a class's λ1 is half of `mix`; 0: λ1 is constant",
        unit="samples",
        low=0,
        acts_with={"mix": SET},
    )
    prototype_training: str = setting(
        "apart",
        "scores in the loss: the network's own (apart), or the mix with constant class means",
        choices=("apart", "mix"),
        acts_with=_ON,
    )
    prototype_shrinkage: float = setting(
        0.01,
        "shrinkage of lda's covariance: share of the identity in it",
        low=0,
        high=1,
        acts_with={"prototype_read_out": "lda"},
    )
    feature_drift: str = setting(
        "fixed",
        "after the first experience features go on learning (ignored), are fixed, or learn slowly; or an "
        "experience's class means are recomputed at its end from its own data",
        choices=("ignored", "fixed", "slow", "refreshed"),
        acts_with={"prototype_of": other_than("input")},  # the input of the network never changes
    )
    slow_factor: float = setting(
        0.01,
        "factor on the hidden layers' learning rates with feature_drift=slow",
        low=0,
        high=1,
        acts_with={"feature_drift": "slow"},
    )
    expansion: int = setting(
        0,
        "fixed random spiking neurons that expand the features; 0: none",
        unit="neurons",
        low=0,
        acts_with=_ON,
    )
    expansion_fan_in: int = setting(
        30, "inputs of each of these neurons", unit="features", low=1, acts_with={"expansion": SET}
    )

    @property
    def expands(self) -> bool:
        """Whether features are expanded by random spiking neurons over time."""
        return bool(self.prototypes and self.expansion)

    def idle(self, stream: Stream | None) -> dict[str, str]:
        """Settings of training that move no figure but costs and curves, each with what it would need.

        With `mix=0` the network's own scores have no share. Its training then acts through its features alone
        (or through attacks on training batches, which prototypes see too): not at all with prototypes of the
        input, and in the first experience alone if features are fixed afterwards.
        """
        if not self.prototypes or self.mix or getattr(self, "adversarial_epsilon", 0):
            return {}
        conditions = conditions_of(type(self))
        later = [name for name in conditions if LATER_EXPERIENCES.keys() <= conditions[name].keys()]
        if self.prototype_of == "input":
            attacked = stream is None or stream.protocol == "robustness"  # attacks at test follow the loss
            names = [one for one in _OF_TRAINING if one in conditions and not (one == "loss" and attacked)]
            needs = "strategy.mix, or prototypes of the network's features (strategy.prototype_of=last)"
            return dict.fromkeys([*names, *later], needs)
        if self.feature_drift == "fixed":
            return dict.fromkeys(later, "strategy.mix, or another feature_drift than fixed")
        return {}

    def check(self) -> None:
        """Raise InputError for settings that cannot be combined."""
        following = getattr(super(), "check", None)
        if following is not None:
            following()
        if not self.prototypes:
            return
        if self.prototype_read_out == "lda" and self.prototype_training == "mix":
            raise InputError(
                "strategy.prototype_read_out=lda is solved at evaluation only: a solution for every batch "
                "costs more than the batch: use strategy.prototype_training=apart, or another read-out"
            )
        if self.prototype_read_out == "lda" and self.prototype_decay < 1:
            raise InputError(
                "strategy.prototype_decay below 1 has no exact covariance that all classes share: "
                "use strategy.prototype_read_out=dot, cosine or nearest, or a decay of 1"
            )
        if self.columns and (self.prototype_of != "input" or self.expansion):
            raise InputError(
                f"strategy.columns={self.columns} need the image as input: set strategy.prototype_of=input "
                "and strategy.expansion=0"
            )
        if self.prototype_features == "centred" and self.prototype_read_out in ("lda", "nearest"):
            needs = "strategy.prototype_read_out=dot or cosine, since distances have no centre"
            raise InputError(no_effect("strategy.prototype_features", self.prototype_features, needs))
        kernels = getattr(self, "kernels", None)
        if self.columns and kernels and not self.mix:
            needs = "strategy.mix, since the columns see the image and not the network"
            raise InputError(no_effect("strategy.kernels", kernels, needs))

    def skip(self, stream: Stream) -> str:
        """Why prototypes cannot be used on the stream; empty if they can."""
        following = getattr(super(), "skip", None)
        reason = following(stream) if following is not None else ""
        if reason or not self.prototypes:
            return reason
        if self.columns and stream.encoding in TIMED:
            return f"strategy.columns={self.columns} need images, not recordings over time: leave them out"
        if self.prototype_of == "input":
            return ""
        if self.feature_drift in ("ignored", "slow") and stream.experiences == 1:
            return (
                f"strategy.feature_drift={self.feature_drift} acts after the first experience, and there is "
                "only one: leave it out"
            )
        bilevel = getattr(self, "theta_gradient", "joint")
        if bilevel != "joint" and self.feature_drift == "fixed" and stream.experiences != 1:
            return (
                f"strategy.theta_gradient={bilevel} trains θ in every experience, but "
                "strategy.feature_drift=fixed freezes hidden layers after the first: use another"
            )
        if self.feature_drift == "ignored":
            return ""
        instead = "strategy.feature_drift=ignored, or strategy.prototype_of=input"
        return needs_boundaries(stream, f"strategy.feature_drift={self.feature_drift}", instead)

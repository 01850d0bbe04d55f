"""Settings of the networks that strategies are built around."""

from dataclasses import dataclass
from typing import Any, ClassVar

from hpbench.core.acting import SET
from hpbench.core.settings import setting
from hpbench.networks.family import NETWORKS
from hpbench.plasticity.bilevel import PAIRINGS, VARIANTS
from hpbench.plasticity.trace import POST_FACTORS
from hpbench.spiking.hybrid.window import FORMS
from hpbench.spiking.network import DIALECT_READ_OUT, LEARNERS
from hpbench.spiking.parameters import DIALECTS, HybridParameters, trace_mode
from hpbench.spiking.readout import READ_OUTS
from hpbench.spiking.surrogate import SURROGATES


@dataclass
class DenseSettings:
    """Shape of a network: convolutions, if there are any, then fully connected layers."""

    hidden: list[int] = setting([512], "neurons of each hidden layer", unit="neurons", low=1)
    kernels: list[int] = setting(
        [], "kernels of each convolutional layer before the hidden ones; none: no such layer", low=1
    )
    kernel_size: int = setting(
        5, "side of a kernel, padded by half of it", unit="pixels", low=1, acts_with={"kernels": SET}
    )
    stride: int = setting(
        2,
        "step of the kernels, by which a layer divides height and width",
        low=1,
        acts_with={"kernels": SET},
    )


@dataclass
class NeuronSettings(DenseSettings):
    """Spiking neurons (Wu et al. 2022); what is None follows from the dialect."""

    dialect: str = setting(
        "release",
        "preset: the authors' released code, or Eq. 8 as printed",
        choices=tuple(DIALECTS),
    )
    threshold: float = setting(0.35, "firing threshold v_th", unit="membrane units", low=1e-6)
    membrane_decay: float = setting(0.4, "membrane left after a step, k", low=0, high=1)
    weight_time_constant: float = setting(
        40.0, "τ_w of the decay exp(−t/τ_w) within a window", unit="steps", low=1e-6
    )
    surrogate: str = setting(
        "rectangular",
        "surrogate gradient of the spike",
        choices=tuple(SURROGATES),
    )
    current_gain: float | None = setting(
        None, "factor of the input current, c (release 1, paper 0.6 = k_u)", low=0
    )
    reset: str | None = setting(
        None,
        "after a spike: v_th is taken off (release), or the membrane is 0 (paper)",
        choices=("subtract", "zero"),
    )
    read_out: str | None = setting(
        None,
        "scores from the last layer, Eq. 9 (release clipped_membrane, paper rate)",
        choices=READ_OUTS,
    )
    recurrent: bool = setting(False, "explicit connections within hidden layers", acts_with={"hidden": SET})
    energy_weight: float = setting(
        0.0,
        "weight λ3 of the implicit energy E_in in the loss (Eq. 11), which lies between two dense layers",
        unit="loss per weight",
        low=0,
        acts_with={"hidden": SET},
    )

    def implied(self) -> dict[str, object]:
        """What None stands for in this dialect, by name."""
        return {**DIALECTS[self.dialect]._asdict(), "read_out": DIALECT_READ_OUT[self.dialect]}


@dataclass
class JointTraceSettings(NeuronSettings):
    """Spiking neurons with a Hebbian trace, whose θ learns from the loss that the weights learn from."""

    trace_scope: str | None = setting(
        None,
        "one trace per layer, moved by the batch's mean (release), or one per sample (paper)",
        choices=("batch", "sample"),
    )
    post: str | None = setting(
        None,
        "post factor: tanh(u/v_th − offset) (release), or ρ(u) + offset, ρ tanh (paper), sigmoid or spike",
        choices=POST_FACTORS,
    )
    gain: str | None = setting(
        None, "gain α: one per layer (release), or per neuron (paper)", choices=("layer", "neuron")
    )
    weight_decay_on: str | None = setting(
        None,
        "exp(−t/τ_w) scales the input, which the trace sees too (release), or W alone (paper)",
        choices=("input", "weight"),
    )
    trace_decay: float | None = setting(
        None, "trace left after a step, λ (release 0.95, paper exp(−1/40))", low=0, high=1
    )
    trace_bound: float | None = setting(
        None, "the trace is clamped to ± this (release 4, paper not)", unit="weight units", low=0
    )
    trace_at_test: str | None = setting(
        None,
        "at test, a shared trace is unchanged (default), adapts to each batch, or is left out; one per "
        "sample works as in training (default), or is left out",
        choices=("frozen", "batch", "zero", "sample"),
        at_test_only=True,
    )
    trace_form: str = setting(
        "auto",
        "how the trace is computed, the same to rounding: as a tensor, never as one, or what costs less",
        choices=FORMS,
        shapes_run=False,  # it moves no figure
    )
    theta_lr: float = setting(5e-4, "Adam's step for the meta-parameters θ", low=0)

    def implied(self) -> dict[str, object]:
        """What None stands for in this dialect, by name."""
        return {**super().implied(), "trace_at_test": trace_mode(self._scoped(), None)}

    def check(self) -> None:
        """Raise InputError if the trace at test does not fit the trace."""
        trace_mode(self._scoped(), self.trace_at_test)

    def _scoped(self) -> HybridParameters:
        p = DIALECTS[self.dialect]
        return p._replace(trace_scope=self.trace_scope or p.trace_scope)


@dataclass
class TraceSettings(JointTraceSettings):
    """Spiking neurons with a Hebbian trace, and how its θ learns."""

    theta_gradient: str = setting(
        "joint",
        "gradient of θ: of the loss that w learns from (joint, as released), or a variant of Eq. 10",
        choices=("joint", *VARIANTS),
    )
    theta_inner_step: float = setting(
        1e-3,
        "step ξ of w within Eq. 10",
        unit="learning rate",
        low=0,
        acts_with={"theta_gradient": tuple(one for one in VARIANTS if one != "no_inner")},
    )
    theta_pairing: str = setting(
        "previous",
        "samples of the step within Eq. 10: the batch before (held until the next), or half of this one",
        choices=PAIRINGS,
        acts_with={"theta_gradient": VARIANTS},
    )


@dataclass
class JointNetworkSettings(JointTraceSettings):
    """A network of the family by name, whose θ learns from the loss that the weights learn from."""

    network: str = setting("gp", "network: spiking (hp, gp, lp) or its real-valued twin", choices=NETWORKS)

    ACTS_WITH: ClassVar[dict[Any, Any]] = {
        NeuronSettings: {"network": LEARNERS},
        **{group: {"network": ("hp", "lp")} for group in (JointTraceSettings, TraceSettings)},
    }

    @property
    def spiking(self) -> bool:
        """Whether its network spikes."""
        return self.network in LEARNERS

    @property
    def steps(self) -> bool:
        """Whether it sees a sample for several time steps."""
        return self.spiking


@dataclass
class NetworkSettings(JointNetworkSettings, TraceSettings):
    """A network of the family by name, and how its θ learns."""

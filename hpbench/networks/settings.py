"""Settings of the networks that strategies train."""

from dataclasses import dataclass
from typing import Any, ClassVar

from hpbench.core.acting import SET, Needed, no_effect
from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.networks.neuron_settings import SHARED_CONSTANTS, OwnNeuronSettings
from hpbench.plasticity.choices import PAIRINGS, POST_FACTORS, VARIANTS
from hpbench.spiking.choices import FORMS, LEARNERS, READ_OUTS, SURROGATE_NAMES, TRACE_IN
from hpbench.spiking.neurons.table import NEURONS, implied_of_neurons
from hpbench.spiking.parameters import (
    DIALECT_READ_OUT,
    DIALECTS,
    THETA_STARTS,
    HybridParameters,
    trace_mode,
)

NETWORKS = (*LEARNERS, "ann")
"""Networks by name: see `hpbench.networks.family.build_network`."""


def one_test_stream(stream: Stream, adapting: str) -> str:
    """Why a network that the setting `adapting`, if any, adapts through a test stream cannot be tested here.

    Empty if it can.
    """
    if not adapting or stream.protocol == "robustness":
        return ""
    return (
        f"{adapting} adapts a trained network through a stream of test samples, which only scenarios of the "
        "robustness protocol have: choose one, such as noisy_fashion_mnist, or leave it out"
    )


@dataclass
class DenseSettings:
    """Shape of a network: optional convolutions, then fully connected layers."""

    hidden: list[int] = setting([512], "neurons of each hidden layer", unit="neurons", low=1)
    kernels: list[int] = setting(
        [], "kernels of each convolutional layer before the hidden ones; empty: no convolutions", low=1
    )
    kernel_size: int = setting(
        5, "side of a kernel; the padding is half of it", unit="pixels", low=1, acts_with={"kernels": SET}
    )
    stride: int = setting(
        2,
        "stride of the kernels; a layer divides height and width by it",
        low=1,
        acts_with={"kernels": SET},
    )
    pool: int = setting(
        1,
        "side of the squares of places whose means a convolutional layer passes on; 1: no pooling",
        unit="places",
        low=1,
        acts_with={"kernels": SET},
    )
    dropout: float = setting(
        0.0,
        "share of what a convolutional layer passes to the next that is left out in training, drawn anew in "
        "every step",
        low=0,
        high=0.99,
        acts_with={"kernels": Needed("several convolutional layers", lambda kernels: len(kernels) > 1)},
    )


@dataclass
class NeuronSettings(OwnNeuronSettings, DenseSettings):
    """Spiking neurons (Wu et al. 2022, or another model); None stands for the dialect's value."""

    neuron: str = setting(
        "lif",
        "neuron model: leaky integrate-and-fire as in Wu et al. 2022, the same with a threshold that adapts, "
        "Izhikevich's, or the spike response model",
        choices=tuple(NEURONS),
    )

    dialect: str = setting(
        "release",
        "version of the model: the authors' released code, or Eq. 8 of the paper",
        choices=tuple(DIALECTS),
    )
    threshold: float = setting(0.35, "firing threshold v_th", unit="membrane units", low=1e-6)
    membrane_decay: float = setting(0.4, "share k of the membrane left after a step", low=0, high=1)
    weight_time_constant: float = setting(
        40.0, "τ_w of the weights' decay exp(−t/τ_w) while a sample is shown", unit="steps", low=1e-6
    )
    surrogate: str = setting(
        "rectangular",
        "surrogate gradient of the spike",
        choices=SURROGATE_NAMES,
    )
    current_gain: float | None = setting(
        None, "factor c of the input current (release 1, paper 0.6 = k_u)", low=0
    )
    reset: str | None = setting(
        None,
        "after a spike: subtract v_th from the membrane (release), or set it to 0 (paper)",
        choices=("subtract", "zero"),
    )
    read_out: str | None = setting(
        None,
        "scores from the last layer, Eq. 9 (release clipped_membrane, paper rate)",
        choices=READ_OUTS,
    )
    output_gain: float = setting(
        1.0, "factor of the last layer's initial weights, which are drawn from ±1/√n for n inputs", low=0
    )
    recurrent: bool = setting(
        False, "learned recurrent connections within hidden layers", acts_with={"hidden": SET}
    )
    energy_weight: float = setting(
        0.0,
        "weight λ3 of the implicit energy E_in in the loss (Eq. 11), a sum over connected dense layers",
        unit="loss per weight",
        low=0,
        acts_with={"hidden": SET},
    )

    ACTS_WITH: ClassVar[dict[Any, Any]] = SHARED_CONSTANTS

    def implied(self) -> dict[str, object]:
        """The values that None stands for in this dialect and in this neuron, by setting."""
        of_dialect = {**DIALECTS[self.dialect]._asdict(), "read_out": DIALECT_READ_OUT[self.dialect]}
        return {**of_dialect, **implied_of_neurons(self)}


@dataclass
class JointTraceSettings(NeuronSettings):
    """Spiking neurons with a Hebbian trace; its meta-parameters θ learn from the weights' loss."""

    trace_scope: str | None = setting(
        None,
        "one trace per layer, updated by the batch mean (release), or one per sample (paper)",
        choices=("batch", "sample"),
    )
    post: str | None = setting(
        None,
        "post-synaptic factor: tanh(u/v_th − offset) (release), or ρ(u) + offset with ρ tanh (paper), "
        "sigmoid or spike, or offset − u/v_th (linear_falling)",
        choices=POST_FACTORS,
    )
    gain: str | None = setting(
        None,
        "gain α of the trace: one per layer (release), or per neuron (paper)",
        choices=("layer", "neuron"),
    )
    weight_decay_on: str | None = setting(
        None,
        "exp(−t/τ_w) scales the input of weights and trace (release), or the weights alone (paper)",
        choices=("input", "weight"),
    )
    trace_in: str = setting(
        "all",
        "layers with a trace: all, the dense ones, or the dense ones before the last",
        choices=TRACE_IN,
    )
    theta_start: str = setting(
        "fault_tolerance",
        "initial gains α, rates r and offsets of the trace, as in the authors' code for this experiment",
        choices=tuple(THETA_STARTS),
    )
    trace_decay: float | None = setting(
        None, "share λ of the trace left after a step (release 0.95, paper exp(−1/40))", low=0, high=1
    )
    trace_bound: float | None = setting(
        None, "the trace is clamped to ± this (release 4, paper: no clamp)", unit="weight units", low=0
    )
    trace_at_test: str | None = setting(
        None,
        "at test, a trace per layer is frozen (default), adapts to each batch, goes on from sample to sample "
        "of the test stream, each answered before it moves the trace (stream), or is set to zero; one per "
        "sample works as in training (sample, default), or is set to zero",
        choices=("frozen", "batch", "stream", "zero", "sample"),
        at_test_only=True,
    )
    trace_decay_at_test: float | None = setting(
        None,
        "share δ of the trace left after a sample of the test stream, whose own weight is in proportion to "
        "1 − δ; None: as in training, trace_decay to the power of the time steps",
        low=0,
        high=1,
        at_test_only=True,
        acts_with={"trace_at_test": "stream"},
    )
    trace_form: str = setting(
        "auto",
        "algorithm for the trace, equal up to rounding: stored step by step, never stored, or the cheaper",
        choices=FORMS,
        shapes_run=False,  # results do not depend on it
    )
    theta_lr: float = setting(5e-4, "Adam's learning rate for the meta-parameters θ", low=0, high=10)

    def implied(self) -> dict[str, object]:
        """The values that None stands for in this dialect, by setting."""
        return {**super().implied(), "trace_at_test": trace_mode(self._scoped(), None)}

    def check(self) -> None:
        """Raise InputError if `trace_at_test` does not fit `trace_scope`, or `trace_in` the layers."""
        trace_mode(self._scoped(), self.trace_at_test)
        if self.trace_in == "dense" and not self.kernels:
            raise InputError(no_effect("strategy.trace_in", "dense", "convolutions (strategy.kernels)"))
        if self.trace_in == "hidden" and not self.hidden:
            raise InputError(
                "strategy.trace_in=hidden: there are no dense layers before the last; set strategy.hidden"
            )

    def skip(self, stream: Stream) -> str:
        """Why a network with such a trace cannot be run on the stream; empty if it can."""
        following = getattr(super(), "skip", None)
        reason: str = following(stream) if following is not None else ""
        adapting = "strategy.trace_at_test=stream" if self.trace_at_test == "stream" else ""
        return reason or one_test_stream(stream, adapting)

    def _scoped(self) -> HybridParameters:
        p = DIALECTS[self.dialect]
        return p._replace(trace_scope=self.trace_scope or p.trace_scope)


@dataclass
class TraceSettings(JointTraceSettings):
    """Spiking neurons with a Hebbian trace, and how its θ learns."""

    theta_gradient: str = setting(
        "joint",
        "gradient of θ: of the weights' loss (joint, as released), or a variant of Eq. 10",
        choices=("joint", *VARIANTS),
    )
    theta_inner_step: float = setting(
        1e-3,
        "inner step ξ of the weights in Eq. 10",
        unit="learning rate",
        low=0,
        acts_with={"theta_gradient": tuple(one for one in VARIANTS if one != "no_inner")},
    )
    theta_pairing: str = setting(
        "previous",
        "data of the inner step of Eq. 10: the previous batch (stored until then), or half of this one",
        choices=PAIRINGS,
        acts_with={"theta_gradient": VARIANTS},
    )


@dataclass
class JointNetworkSettings(JointTraceSettings):
    """A network by name; its meta-parameters θ learn from the weights' loss."""

    network: str = setting(
        "gp", "network: spiking (hp, gp, lp) or its real-valued counterpart (ann)", choices=NETWORKS
    )

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
        """Whether a sample is shown for several time steps."""
        return self.spiking


@dataclass
class NetworkSettings(JointNetworkSettings, TraceSettings):
    """A network by name, and how its meta-parameters θ learn."""

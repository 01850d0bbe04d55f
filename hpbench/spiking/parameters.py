"""Constants of an HP layer; each difference between its two versions ("dialects") is a field."""

import math
from typing import NamedTuple

from hpbench.core.errors import InputError, nearest
from hpbench.core.settings import check_values
from hpbench.plasticity.choices import POST_FACTORS
from hpbench.spiking.choices import SURROGATE_NAMES
from hpbench.spiking.neurons.lif import Lif
from hpbench.spiking.neurons.neuron import Neuron

TRACE_AT_TEST = {"batch": ("frozen", "batch", "stream", "zero"), "sample": ("sample", "zero")}
"""Modes of the trace at test for each trace scope; the first is the default."""

HELD_AT_TEST = ("frozen", "stream")
"""Modes in which a shared trace is constant while a sample is shown."""


class HybridParameters(NamedTuple):
    """Constants of the neuron and of its Hebbian trace P; a step is dt = 1 ms.

    With x the input, d_t = exp(−t/τ_w) and e_t = d_t if `weight_decay_on` is "input", else 1:

        I(t) = d_t W x(t) + b + α e_t P(t−1)^T x(t)
        u(t) = k R(u(t−1), s(t−1)) + c I(t)      R = u − v_th s (subtract) or (1 − s) u (zero)
        s(t) = H(u(t) − v_th)
        P(t) = clamp(λ P(t−1) + (r ∘ e_t x(t)) g(t)^T, ±bound)

    The last term of I is called the local current; it and the update of P are the layer's local path. u and s
    are those of the LIF neuron; another `neuron` has equations of its own (`hpbench.spiking.neurons`).
    Fields: `threshold` v_th, in the membrane's unit; `membrane_decay` k; `current_gain` c;
    `weight_time_constant` τ_w in steps; `trace_decay` λ; `theta_start` names initial
    values of θ. The defaults are the `release` dialect.
    """

    threshold: float = 0.35
    membrane_decay: float = 0.4
    current_gain: float = 1.0
    reset: str = "subtract"
    surrogate: str = "rectangular"
    weight_time_constant: float = 40.0
    weight_decay_on: str = "input"
    trace_scope: str = "batch"
    post: str = "tanh_sliding"
    gain: str = "layer"
    trace_decay: float = 0.95
    trace_bound: float = 4.0
    theta_start: str = "fault_tolerance"
    neuron: Neuron = Lif()

    def weight_scale(self, step: int) -> float:
        """d_t, the factor of the feed-forward weights at step t = 0, 1, …"""
        return math.exp(-step / self.weight_time_constant)

    def trace_scale(self, step: int) -> float:
        """e_t, the factor of the trace's input."""
        return self.weight_scale(step) if self.weight_decay_on == "input" else 1.0

    def checked(self) -> "HybridParameters":
        """These parameters; raises InputError for a value out of its range or an unknown name."""
        for name, known in _NAMES.items():
            if getattr(self, name) not in known:
                raise InputError(f"{name}={getattr(self, name)}: {nearest(str(getattr(self, name)), known)}")
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise InputError(f"{name}={value}: expected a value from {low} to {high}")
        if not (self.threshold > 0 and self.weight_time_constant > 0):
            raise InputError(
                f"threshold and weight_time_constant must be above 0, not {self.threshold} and "
                f"{self.weight_time_constant}"
            )
        check_values(self.neuron, "")
        return self


def trace_mode(p: HybridParameters, trace_at_test: str | None) -> str:
    """Mode of the trace at test; None is the default of its scope. Raises InputError if it does not fit."""
    modes = TRACE_AT_TEST[p.trace_scope]
    if trace_at_test not in (None, *modes):
        raise InputError(
            f"trace_at_test={trace_at_test} does not fit a trace per {p.trace_scope}: "
            f"choose {' or '.join(modes)}"
        )
    return trace_at_test or modes[0]


THETA_STARTS = {
    "fault_tolerance": (0.01, 0.01, 0.01),
    "classification": (0.1, 0.001, 0.0),
    "multitask": (0.1, 0.001, 0.0),
}
"""Largest initial α, r and offset in the authors' code for each experiment; see `draw_theta`."""

_NAMES = {
    "reset": ("subtract", "zero"),
    "surrogate": SURROGATE_NAMES,
    "weight_decay_on": ("input", "weight"),
    "trace_scope": tuple(TRACE_AT_TEST),
    "post": POST_FACTORS,
    "gain": ("layer", "neuron"),
    "theta_start": tuple(THETA_STARTS),
}
_RANGES = {
    "membrane_decay": (0.0, 1.0),
    "current_gain": (0.0, math.inf),
    "trace_decay": (0.0, 1.0),
    "trace_bound": (0.0, math.inf),
}

RELEASE = HybridParameters()
"""The authors' released code (Fashion-MNIST demo)."""

PAPER = HybridParameters(
    current_gain=0.6,  # k_u = dt/τ_u, with the leak 1 − k_u of the release
    reset="zero",
    weight_decay_on="weight",
    trace_scope="sample",
    post="tanh",
    gain="neuron",
    trace_decay=math.exp(-1 / 40.0),  # e^(−dt/τ_w), the time constant of the weights
    trace_bound=math.inf,
)
"""Eq. 8 of the paper, which says only that ρ is bounded, and gives no k_u: tanh and 0.6 are our choice."""

DIALECTS = {"release": RELEASE, "paper": PAPER}

DIALECT_READ_OUT = {"release": "clipped_membrane", "paper": "rate"}
"""Read-out of each dialect; Eq. 9 leaves the choice of q open."""

"""Constants of an HP layer, every difference between the dialects a field of its own."""

import math
from typing import NamedTuple

TRACE_SCOPES = ("batch", "sample")
RESETS = ("subtract", "zero")
WEIGHT_DECAYS = ("input", "weight")
GAINS = ("layer", "neuron")
TRACE_AT_TEST = {"batch": ("frozen", "batch", "zero"), "sample": ("sample", "zero")}
"""What the trace may do at test, by its scope; the first is the default."""


class HybridParameters(NamedTuple):
    """Constants of the neuron and of its trace; a step is dt = 1 ms.

    With x the input, d_t = exp(−t/τ_w) and e_t = d_t if `weight_decay_on` is "input", else 1:

        I(t) = d_t W x(t) + b + α e_t P(t−1)^T x(t)
        u(t) = k R(u(t−1), s(t−1)) + c I(t)      R = u − v_th s (subtract) or (1 − s) u (zero)
        s(t) = H(u(t) − v_th)
        P(t) = clamp(λ P(t−1) + (r ∘ e_t x(t)) g(t)^T, ±bound)

    Fields: `threshold` v_th, in the membrane's unit; `membrane_decay` k; `current_gain` c;
    `weight_time_constant` τ_w in steps; `trace_decay` λ. The defaults are the `release` dialect.
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

    def weight_scale(self, step: int) -> float:
        """d_t, the factor of the feed-forward weights at step t = 0, 1, …"""
        return math.exp(-step / self.weight_time_constant)

    def trace_scale(self, step: int) -> float:
        """e_t, the factor of what the trace sees."""
        return self.weight_scale(step) if self.weight_decay_on == "input" else 1.0


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
"""Eq. 8 as printed. The paper gives ρ only as bounded, and no k_u for it: tanh, and 0.6."""

DIALECTS = {"release": RELEASE, "paper": PAPER}

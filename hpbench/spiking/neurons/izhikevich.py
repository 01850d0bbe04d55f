"""Izhikevich's neuron: two equations, whose constants give the firing patterns of cortical cells.

    v' = 0.04 v² + 5 v + 140 − w + I,   w' = a (b v − w)      v in mV, t in ms
    after v ≥ 30 mV: v ← c, w ← w + d

Izhikevich, IEEE Trans. Neural Networks 14:1569 (2003), where w is called u. A step of 1 ms is that of the
published code: reset, two steps of Euler's method of 0.5 ms for v, then one of 1 ms for w. But v is cut at
the peak of 30 mV after each of them, as the published figures show it. The published code is not cut: in
steps as long as these, v rises above the peak by up to hundreds of mV, by chance more or less, and carries w
with it, so that intervals are irregular where the figures' are not.

Layers have their membrane in membrane units with the threshold v_th, so that

    I(t) = G c_I i(t) / v_th          G `izhikevich_current`, c_I the factor of the current i(t)
    u(t) = v_th (v(t) + 65) / 95      0 at −65 mV, where v starts, and v_th at the peak
    s(t) = H((v(t) − 30) / σ)         σ `izhikevich_width` scales the surrogate's width from mV

To the gradient a reset is constant, as Zenke and Vogels, Neural Computation 33 (2021), recommend: it moves v
by 95 mV, and bursting cells learned nothing with the surrogate's derivative times that (docs/neurons.md).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hpbench.core.settings import setting
from hpbench.spiking.neurons.neuron import Neuron, spikes_at, zeros

if TYPE_CHECKING:
    from torch import Tensor

    from hpbench.spiking.parameters import HybridParameters

PEAK = 30.0
"""mV at which a spike ends."""

START = -65.0
"""mV at which v begins; w begins at b v."""


class Pattern(NamedTuple):
    """Constants of a kind of cell: a, 1/ms; b, 1/ms; c, mV; d, mV/ms."""

    a: float
    b: float
    c: float
    d: float


PATTERNS = {
    "regular_spiking": Pattern(0.02, 0.2, -65.0, 8.0),
    "intrinsically_bursting": Pattern(0.02, 0.2, -55.0, 4.0),
    "chattering": Pattern(0.02, 0.2, -50.0, 2.0),
    "fast_spiking": Pattern(0.1, 0.2, -65.0, 2.0),
    "thalamo_cortical": Pattern(0.02, 0.25, -65.0, 0.05),
    "resonator": Pattern(0.1, 0.26, -65.0, 2.0),
    "low_threshold_spiking": Pattern(0.02, 0.25, -65.0, 2.0),
}
"""Izhikevich 2003, Fig. 2 and its text."""


class IzhikevichState(NamedTuple):
    """u(t) in membrane units, s(t), v(t) in mV before its reset, cut at the peak, and w(t)."""

    membrane: "Tensor"
    spikes: "Tensor"
    potential: "Tensor"
    recovery: "Tensor"


@dataclass(frozen=True)
class Izhikevich(Neuron):
    """A kind of cell by name, each of whose constants can be set apart."""

    izhikevich_pattern: str = setting(
        "regular_spiking", "kind of cell, which gives the constants a, b, c and d", choices=tuple(PATTERNS)
    )
    izhikevich_a: float | None = setting(
        None, "rate a of the recovery variable (None: the pattern's)", unit="1/ms", low=0, high=1
    )
    izhikevich_b: float | None = setting(
        None, "coupling b of the recovery variable to v (None: the pattern's)", unit="1/ms", low=-1, high=1
    )
    izhikevich_c: float | None = setting(
        None, "v after a spike, c (None: the pattern's)", unit="mV", low=-100, high=0
    )
    izhikevich_d: float | None = setting(
        None, "rise d of the recovery variable at a spike (None: the pattern's)", unit="mV/ms", low=-100
    )
    izhikevich_current: float = setting(
        20.0, "I in the neuron's equation for a current of v_th membrane units", unit="mV/ms", low=0
    )
    izhikevich_width: float = setting(
        200.0, "distance from the peak, in mV, that is 1 to the surrogate gradient", unit="mV", low=1e-6
    )

    def implied(self) -> dict[str, object]:
        """The constants of the pattern."""
        return {
            f"izhikevich_{name}": value for name, value in PATTERNS[self.izhikevich_pattern]._asdict().items()
        }

    @property
    def constants(self) -> Pattern:
        """a, b, c and d in use."""
        own = (self.izhikevich_a, self.izhikevich_b, self.izhikevich_c, self.izhikevich_d)
        of_pattern = PATTERNS[self.izhikevich_pattern]
        return Pattern(*(other if one is None else one for one, other in zip(own, of_pattern, strict=True)))

    def rest(self, like: "Tensor") -> IzhikevichState:
        """v = −65 mV, w = b v, no spikes."""
        nothing = zeros(like)
        return IzhikevichState(nothing, nothing, nothing + START, nothing + self.constants.b * START)

    def step(self, current: "Tensor", state: IzhikevichState, p: "HybridParameters") -> IzhikevichState:
        """u(t), s(t), v(t) and w(t)."""
        a, b, c, d = self.constants
        fired = state.spikes.detach()
        v = state.potential + fired * (c - state.potential)
        w = state.recovery + d * fired
        driven = 140 - w + current * (self.izhikevich_current * p.current_gain / p.threshold)
        v = _half_step(v, driven).clamp(max=PEAK)
        reached = _half_step(v, driven)
        v = reached.clamp(max=PEAK)
        w = w + a * (b * v - w)
        spikes = spikes_at((reached - PEAK) / self.izhikevich_width, p)
        return IzhikevichState((v - START) * (p.threshold / (PEAK - START)), spikes, v, w)


def _half_step(v: "Tensor", driven: "Tensor") -> "Tensor":
    """v 0.5 ms later; `driven` is 140 − w + I."""
    return v + 0.5 * (0.04 * v.square() + 5 * v + driven)

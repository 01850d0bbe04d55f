"""A neuron's membrane between inputs, in closed form, and where it first crosses the threshold.

    τ_m dv/dt = −v + i      τ_s di/dt = −i      v in units of the threshold, t in steps

so that after s steps without input

    i(s) = i_0 e^(−s/τ_s)      v(s) = v_0 e^(−s/τ_m) + i_0 k(s)
    k(s) = τ_s / (τ_m − τ_s) (e^(−s/τ_m) − e^(−s/τ_s)),   or (s/τ) e^(−s/τ) if both are τ
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

_TINY = 1e-30
_ITERATIONS = 60
"""More than are ever needed: at a crossing that only touches the threshold each halves the error."""


class Membrane(NamedTuple):
    """Constants of a neuron; times are in steps of 1 ms, voltages in units of the threshold.

    An input of strength 1 at a synapse w adds `gain` · w to i, which moves v by w at most. `reset`: a spike
    sets v to 0, and the neuron may fire again, once a step; else it fires once, and its membrane goes on as
    if it had not. A neuron that does not fire (`fires`) integrates. `slope_floor` is the least slope that a
    gradient divides by.
    """

    membrane_tau: float
    synapse_tau: float
    reset: bool = True
    fires: bool = True
    slope_floor: float = 1e-3

    @property
    def gain(self) -> float:
        """1/max k(s), by which a weight is the height of its postsynaptic potential in thresholds."""
        if self._rate == 0:
            return math.e
        top = math.log(self.membrane_tau / self.synapse_tau) / self._rate
        return math.exp(top / self.membrane_tau) * self.membrane_tau / self.synapse_tau

    @property
    def refill(self) -> float:
        """1 − e^(−1/τ_s), the share of a current that is lost in a step."""
        return -math.expm1(-1 / self.synapse_tau)

    def leak(self, time: Tensor) -> Tensor:
        """e^(−s/τ_m)."""
        return torch.exp(time / -self.membrane_tau)

    def left(self, time: Tensor) -> Tensor:
        """e^(−s/τ_s)."""
        return torch.exp(time / -self.synapse_tau)

    def response(self, time: Tensor) -> Tensor:
        """k(s), the membrane at s for v_0 = 0 and i_0 = 1."""
        rate = self._rate
        if rate == 0:
            return time / self.membrane_tau * self.left(time)
        return self.left(time) * torch.expm1(rate * time) / (rate * self.membrane_tau)

    def voltage(self, voltage: Tensor, current: Tensor, time: Tensor) -> Tensor:
        """v(s) from v_0 and i_0."""
        return voltage * self.leak(time) + current * self.response(time)

    def slope(self, voltage: Tensor, current: Tensor) -> Tensor:
        """dv/dt in units of the threshold per step."""
        return (current - voltage) / self.membrane_tau

    def peak(self, voltage: Tensor, current: Tensor) -> Tensor:
        """Where a rising membrane (i_0 > v_0) is highest, at most at the end of the step, s = 1."""
        if self._rate == 0:
            found = self.membrane_tau * (1 - voltage / current)
        else:
            share = self.synapse_tau / (self.membrane_tau - self.synapse_tau)
            found = torch.log(current * (1 + share) / (voltage + share * current)) / self._rate
        return found.nan_to_num(nan=1.0).clamp(0, 1)  # not a number: it rises for ever

    @property
    def _rate(self) -> float:
        """1/τ_s − 1/τ_m."""
        return 1 / self.synapse_tau - 1 / self.membrane_tau


def may_cross(voltage: Tensor, current: Tensor, end: Tensor, m: Membrane) -> Tensor:
    """Where a crossing within the step cannot be excluded; `end` is v(1). All that cross are among them.

    A membrane that rises to the threshold has i > v there, hence i_0 > 1; it rises less and less, hence it
    stays below its tangent.
    """
    reached = torch.maximum(voltage + m.slope(voltage, current), end)
    return (voltage >= 1) | ((current > 1) & (reached >= 1))


def crosses(voltage: Tensor, current: Tensor, m: Membrane) -> Tensor:
    """Where v reaches the threshold within the step or is above it when the step begins."""
    rises = (current > voltage) & (m.voltage(voltage, current, m.peak(voltage, current)) >= 1)
    return (voltage >= 1) | rises


def crossing(voltage: Tensor, current: Tensor, m: Membrane) -> Tensor:
    """The time s in [−1, 1] of the first crossing, for neurons that cross.

    A neuron above the threshold when the step begins was lifted there by what arrived: spikes of the step
    before, whose parts count from now on. Its crossing is looked for in that step, s < 0, on the path that
    leads to its v_0 and i_0; s = −1 if it is above the threshold there, too, and s = 0 if it is already
    falling.

    Newton's method from the left. While v rises, v'' = −(i/τ_s + v')/τ_m is below 0, so that every step ends
    before the crossing and nothing needs to be bracketed.
    """
    lifted, falling = voltage >= 1, current <= voltage
    top = torch.where(lifted, 0.0, m.peak(voltage, current))
    time = torch.where(lifted & ~falling, -1.0, 0.0).to(voltage)
    close = 4 * torch.finfo(time.dtype).eps
    for _ in range(_ITERATIONS):
        now = m.voltage(voltage, current, time)
        missing = 1 - now
        if not len(time) or float(missing.max()) <= close:
            break
        slope = m.slope(now, current * m.left(time)).clamp(min=_TINY)
        time = torch.minimum(time + (missing / slope).clamp(min=0), top)
    return time


def over_step(m: Membrane) -> tuple[float, float, float]:
    """α, β and γ of a step without spike: v(1) = α v_0 + β i_0, i(1) = γ i_0."""
    one = torch.ones((), dtype=torch.float64)
    return math.exp(-1 / m.membrane_tau), float(m.response(one)), math.exp(-1 / m.synapse_tau)

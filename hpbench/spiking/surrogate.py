"""Surrogate gradients of the spike, by name.

A neuron spikes where its potential is above the threshold: s = H(x), x = u − v_th, H(x) = 1 for x > 0 and
0 for x ≤ 0. H has no useful derivative, so backpropagation multiplies by a surrogate h(x) instead. All
surrogates here share the forward H and differ in h only. x and the widths are in membrane units; h is
1 / membrane unit. h itself is differentiated where second derivatives are needed (Eq. 10).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

SUPERSPIKE_ALPHA = 100.0
"""Steepness α that Norse's LIF parameters give to SuperSpike by default, per membrane unit."""

ARCTAN_ALPHA = 2.0
"""Width α of the arctan surrogate in Fang et al. 2021, per membrane unit; makes its height 1."""

SIGMOID_SLOPE = 4.0
"""Slope k of the sigmoid, per membrane unit; makes its height k/4 = 1."""

Elementwise = Callable[[Tensor], Tensor]
Step = Callable[[Tensor, float, Tensor | None], Tensor]
Pull = Callable[[Tensor, Tensor, float], Tensor]


class _Spike(torch.autograd.Function):
    """A step forward, any h(x) backward; the backward can be differentiated again, and all of it mapped."""

    @staticmethod
    def forward(distance: Tensor, step: Step, pull: Pull) -> Tensor:  # type: ignore[override]
        return step(distance, 0.0, None)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        distance, _, ctx.pull = inputs
        ctx.save_for_backward(distance)

    @staticmethod
    def vmap(  # type: ignore[override]
        info: Any, in_dims: tuple[int, None, None], distance: Tensor, step: Step, pull: Pull
    ) -> tuple[Tensor, int]:
        # Spikes are independent of each other.
        return _Spike.apply(distance, step, pull), in_dims[0]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[override]
        (distance,) = ctx.saved_tensors
        return ctx.pull(gradient, distance, 0.0), None, None


def heaviside(potential: Tensor, threshold: float, room: Tensor | None = None) -> Tensor:
    """H(u − v_th): 1 where u > v_th, else 0, in the dtype of u, no gradient; written to `room` if given."""
    # Written as numbers directly: converting from booleans would cost ten times as much.
    return torch.gt(potential.detach(), threshold, out=torch.empty_like(potential) if room is None else room)


@dataclass(frozen=True)
class Surrogate:
    """A spike H(x) with its surrogate derivative h, called as `surrogate(distance)`.

    `name` is recorded in leaderboard rows, `formula` is h as text, `derivative` is h, `step` the forward pass
    from u, v_th and a tensor to write to (or None); `fused`, if given, is `pull` in one operation.
    """

    name: str
    formula: str
    derivative: Elementwise
    step: Step = heaviside
    fused: Pull | None = None

    def __call__(self, distance: Tensor) -> Tensor:
        """Spikes in {0, 1} for x = u − v_th, in its shape and dtype."""
        return _Spike.apply(distance, self.step, self.pull)

    def pull(self, gradient: Tensor, potential: Tensor, threshold: float) -> Tensor:
        """The gradient of u: that of the spikes times h(u − v_th)."""
        if self.fused is not None:
            return self.fused(gradient, potential, threshold)
        return gradient * self.derivative(potential - threshold)


def _rectangular(x: Tensor) -> Tensor:
    """Height 1 and width 1, as in the HP authors' code (Wu et al. 2022)."""
    return (x.abs() < 0.5).to(x.dtype)


def _rectangular_pull(gradient: Tensor, potential: Tensor, threshold: float) -> Tensor:
    return torch.ops.aten.hardtanh_backward(gradient, potential, threshold - 0.5, threshold + 0.5)


def _superspike(x: Tensor) -> Tensor:
    """Norse 1.1.0's backward, which has a parameter α and ignores it."""
    return (x.abs() + 1.0).pow(-2)


def _superspike_corrected(x: Tensor) -> Tensor:
    """Zenke & Ganguli, Neural Computation 30 (2018), Sec. 3.3.2; what Norse documents, with its α."""
    return (SUPERSPIKE_ALPHA * x.abs() + 1.0).pow(-2)


def _triangular(x: Tensor) -> Tensor:
    """Esser et al., PNAS 113 (2016), with height 1; Norse's `triangle` is this times its α."""
    return torch.relu(1.0 - x.abs())


def _arctan(x: Tensor) -> Tensor:
    """(α/2) / (1 + (π α x / 2)²): Fang et al., ICCV 2021 (PLIF)."""
    return (ARCTAN_ALPHA / 2) / (1.0 + (math.pi * ARCTAN_ALPHA / 2 * x).square())


def _sigmoid(x: Tensor) -> Tensor:
    """The derivative of σ(kx), with σ the logistic function."""
    raised = torch.sigmoid(SIGMOID_SLOPE * x)
    return SIGMOID_SLOPE * raised * (1.0 - raised)


def _exponential(x: Tensor) -> Tensor:
    """The probability density of a change of the spike in SLAYER, with height 1: Shrestha & Orchard 2018."""
    return torch.exp(-x.abs())


SURROGATES: dict[str, Surrogate] = {
    one.name: one
    for one in (
        Surrogate("rectangular", "1 if |x| < 1/2, else 0", _rectangular, fused=_rectangular_pull),
        Surrogate("superspike", "1 / (|x| + 1)²", _superspike),
        Surrogate("superspike_corrected", "1 / (α|x| + 1)², α = 100", _superspike_corrected),
        Surrogate("triangular", "max(0, 1 − |x|)", _triangular),
        Surrogate("arctan", "(α/2) / (1 + (παx/2)²), α = 2", _arctan),
        Surrogate("sigmoid", "k σ(kx) (1 − σ(kx)), k = 4", _sigmoid),
        Surrogate("exponential", "e^(−|x|)", _exponential),
    )
}
"""Every surrogate by the name that settings and rows use."""

rectangular = SURROGATES["rectangular"]
"""The authors' surrogate: height 1, width 1."""

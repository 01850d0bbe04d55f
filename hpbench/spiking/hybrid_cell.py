"""The hybrid-plasticity (HP) neuron layer of the `release` dialect as a Norse cell.

With x(t) the input, d_t = exp(−t/τ_w), s the spikes, P the shared trace:

    I(t) = d_t (W + α P(t−1)^T) x(t) + b
    u(t) = k (u(t−1) − v_th s(t−1)) + I(t)          reset by subtraction, one step late
    s(t) = H(u(t) − v_th)
    P(t) = clamp(λ P(t−1) + mean_b (β ∘ d_t x_b) tanh(u_b/v_th − η)^T, ±bound)

Wu et al., Nat. Commun. 13:65 (2022), Eq. 8, as in the authors' released code.
"""

import math
from typing import NamedTuple

import torch
from norse.torch.module.snn import SNNCell
from torch import Tensor

from hpbench.plasticity.release import post_factor, update_trace
from hpbench.spiking.surrogate import SURROGATES


class HybridParameters(NamedTuple):
    """Constants of the neuron and of its trace; one step is 1 ms."""

    threshold: float = 0.35
    membrane_decay: float = 0.4
    trace_decay: float = 0.95
    trace_bound: float = 4.0
    weight_time_constant: float = 40.0
    surrogate: str = "rectangular"

    def step_scale(self, step: int) -> float:
        """d_t = exp(−t/τ_w), the factor of the input at step t = 0, 1, …"""
        return math.exp(-step / self.weight_time_constant)


class HybridState(NamedTuple):
    """Membrane u before its reset (B, m), spikes (B, m), trace P (n, m) or None, steps taken."""

    membrane: Tensor
    spikes: Tensor
    trace: Tensor | None
    step: int


def fire(current: Tensor, membrane: Tensor, spikes: Tensor, p: HybridParameters) -> tuple[Tensor, Tensor]:
    """One step of the neuron: membrane (before its reset) and spikes, both (B, m)."""
    leaked = torch.add(membrane, spikes, alpha=-p.threshold)
    membrane = torch.add(current, leaked, alpha=p.membrane_decay)
    return membrane, SURROGATES[p.surrogate](membrane - p.threshold)


class HybridCell(SNNCell):
    """A fully connected HP layer, n inputs to m neurons: `(input, state) -> (spikes, state)`.

    `local=False` leaves the trace out: α is 0 and the cell is a leaky integrate-and-fire layer (GP).
    The weights w, b and the meta-parameters θ = {α, β, η} are registered parameters; θ starts as
    U(0, 0.01) and keeps no sign. A trace in the state is the caller's to carry or to forget.
    """

    def __init__(
        self,
        inputs: int,
        neurons: int,
        p: HybridParameters | None = None,
        *,
        local: bool = True,
    ) -> None:
        super().__init__(self._step, self.initial_state, p or HybridParameters(), dt=0.001)
        self.linear = torch.nn.Linear(inputs, neurons)
        self.local = local
        if local:
            self.alpha = torch.nn.Parameter(torch.rand(()) * 0.01)
            self.beta = torch.nn.Parameter(torch.rand(inputs) * 0.01)
            self.eta = torch.nn.Parameter(torch.rand(neurons) * 0.01)

    def theta(self) -> list[torch.nn.Parameter]:
        """The meta-parameters of Eq. 1 (none without a local path)."""
        return [self.alpha, self.beta, self.eta] if self.local else []

    def initial_state(self, input_tensor: Tensor) -> HybridState:
        """Zero membrane, no spikes and an empty trace for an input (B, n)."""
        neurons, inputs = self.linear.weight.shape
        zeros = input_tensor.new_zeros(*input_tensor.shape[:-1], neurons)
        trace = input_tensor.new_zeros(inputs, neurons) if self.local else None
        return HybridState(zeros, zeros, trace, 0)

    def currents(self, scaled: Tensor, trace: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Global current W x + b and local current α P^T x of an input already times d_t."""
        local = None if trace is None else self.alpha * (scaled @ trace)
        return self.linear(scaled), local

    def advance(self, current: Tensor, scaled: Tensor, state: HybridState, *, learn: bool) -> HybridState:
        """Membrane and spikes from a current, then (if `learn`) the trace from both."""
        membrane, spikes = fire(current, state.membrane, state.spikes, self.p)
        trace = state.trace
        if trace is not None and learn:
            post = post_factor(membrane, self.p.threshold, self.eta)
            trace = update_trace(trace, scaled * self.beta, post, self.p.trace_decay, self.p.trace_bound)
        return HybridState(membrane, spikes, trace, state.step + 1)

    def _step(
        self, input_tensor: Tensor, state: HybridState, p: HybridParameters, dt: float
    ) -> tuple[Tensor, HybridState]:
        scaled = input_tensor * p.step_scale(state.step)
        ahead, local = self.currents(scaled, state.trace)
        current = ahead if local is None else ahead + local
        state = self.advance(current, scaled, state, learn=True)
        return state.spikes, state

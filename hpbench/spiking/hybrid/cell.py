"""The hybrid-plasticity (HP) layer as a Norse cell: one step of Eq. 8, in either dialect.

Wu et al., Nat. Commun. 13:65 (2022). Equations: see `HybridParameters`. This is the literal implementation:
it stores the trace as a tensor. `HybridWindow` is faster for many time steps.
"""

from typing import NamedTuple

import torch
from norse.torch.module.snn import SNNCell
from torch import Tensor
from torch.nn import Parameter

from hpbench.core.errors import InputError
from hpbench.plasticity.trace import post_factor, update_own, update_shared
from hpbench.spiking.neurons.neuron import NeuronState
from hpbench.spiking.parameters import RELEASE, THETA_STARTS, HybridParameters


class HybridState(NamedTuple):
    """State of the neurons, tensors (B, m); trace P; steps taken.

    P is (n, m), or (B, n, m) if every sample has its own, or None for a layer without a trace.
    """

    neurons: NeuronState
    trace: Tensor | None
    step: int

    @property
    def membrane(self) -> Tensor:
        """u before its reset."""
        return self.neurons.membrane

    @property
    def spikes(self) -> Tensor:
        """s."""
        return self.neurons.spikes


def draw_theta(inputs: int, neurons: int, p: HybridParameters) -> tuple[Parameter, Parameter, Parameter]:
    """θ of Eq. 1 at the start: α, one or (m,); r, (n,); offset, (m,).

    `p.theta_start`, as released for three experiments: U(0, 0.01) each ("fault_tolerance"); 0.1, 0.001 and 0
    ("classification"); U(0, 0.1), U(0, 0.001) and 0 ("multitask").
    """
    of_alpha, of_rate, of_offset = THETA_STARTS[p.theta_start]
    drawn = torch.ones if p.theta_start == "classification" else torch.rand
    alpha = Parameter(drawn(() if p.gain == "layer" else (neurons,)) * of_alpha)
    return alpha, Parameter(drawn(inputs) * of_rate), Parameter(drawn(neurons) * of_offset)


class HybridCell(SNNCell):
    """A fully connected HP layer, n inputs to m neurons: `(input, state) -> (spikes, state)`.

    Trainable parameters: w and b (`linear`), recurrent weights without self-connections (if `recurrent`), and
    θ: the gain α (`alpha`, one or (m,)), the local learning rates r (`rate`, (n,)), the offset of the post
    factor (`offset`, (m,)). θ starts as U(0, 0.01); its sign may change. `local=False` leaves the trace out:
    α is 0 (GP). Input (B, n); the caller passes the state on, or starts anew.
    """

    def __init__(
        self,
        inputs: int,
        neurons: int,
        p: HybridParameters = RELEASE,
        *,
        local: bool = True,
        recurrent: bool = False,
    ) -> None:
        super().__init__(self._step, self.initial_state, p.checked(), dt=0.001)
        self.linear = torch.nn.Linear(inputs, neurons)
        self.local = local
        self.recurrent = torch.nn.Linear(neurons, neurons, bias=False) if recurrent else None
        if local:
            self.alpha, self.rate, self.offset = draw_theta(inputs, neurons, p)

    @property
    def weight(self) -> Tensor:
        """The feed-forward weights, (m, n)."""
        return self.linear.weight

    def theta(self) -> list[torch.nn.Parameter]:
        """The meta-parameters of Eq. 1 (none without a trace)."""
        return [self.alpha, self.rate, self.offset] if self.local else []

    def initial_state(self, input_tensor: Tensor) -> HybridState:
        """Neurons at rest and an empty trace for an input (B, n).

        Raises InputError for another shape.
        """
        neurons, inputs = self.linear.weight.shape
        if input_tensor.ndim != 2 or input_tensor.shape[1] != inputs:
            raise InputError(f"expected an input of shape (batch, {inputs}), not {tuple(input_tensor.shape)}")
        rest = self.p.neuron.rest(input_tensor.new_zeros(len(input_tensor), neurons))
        own = (len(input_tensor),) if self.p.trace_scope == "sample" else ()
        trace = input_tensor.new_zeros(*own, inputs, neurons) if self.local else None
        return HybridState(rest, trace, 0)

    def recurrent_weight(self) -> Tensor | None:
        """The recurrent weights, (m, m) without self-connections; None if there are none."""
        if self.recurrent is None:
            return None
        weight = self.recurrent.weight
        return weight - torch.diag(weight.diagonal())

    def currents(self, input_tensor: Tensor, state: HybridState) -> tuple[Tensor, Tensor | None]:
        """Global current (feed-forward, recurrent, bias) and local current, both (B, m)."""
        ahead = self.linear.bias + self.p.weight_scale(state.step) * (input_tensor @ self.linear.weight.T)
        recurrent = self.recurrent_weight()
        if recurrent is not None:
            ahead = ahead + state.spikes @ recurrent.T
        if state.trace is None:
            return ahead, None
        seen = input_tensor * self.p.trace_scale(state.step)
        read = torch.einsum("bn,bnm->bm", seen, state.trace) if state.trace.ndim == 3 else seen @ state.trace
        return ahead, self.alpha * read

    def post(self, membrane: Tensor, spikes: Tensor) -> Tensor:
        """The post-synaptic factor g, (B, m)."""
        return post_factor(self.p.post, membrane, spikes, self.p.threshold, self.offset)

    def advance(
        self, current: Tensor, input_tensor: Tensor, state: HybridState, *, learn: bool
    ) -> HybridState:
        """One step: the neurons from a current, then (if `learn`) the update of the trace."""
        neurons = self.p.neuron.step(current, state.neurons, self.p)
        trace = state.trace
        if trace is not None and learn:
            pre = input_tensor * self.p.trace_scale(state.step) * self.rate
            update = update_own if trace.ndim == 3 else update_shared
            post = self.post(neurons.membrane, neurons.spikes)
            trace = update(trace, pre, post, self.p.trace_decay, self.p.trace_bound)
        return HybridState(neurons, trace, state.step + 1)

    def _step(
        self, input_tensor: Tensor, state: HybridState, p: HybridParameters, dt: float
    ) -> tuple[Tensor, HybridState]:
        ahead, local = self.currents(input_tensor, state)
        current = ahead if local is None else ahead + local
        state = self.advance(current, input_tensor, state, learn=True)
        return state.spikes, state

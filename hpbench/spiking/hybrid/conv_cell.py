"""The hybrid-plasticity (HP) layer for convolutions, as a Norse cell.

A kernel's weights are shared by all positions, and so is its trace P, (n, m), with n = C_in · k · k entries
of a patch and m = C_out. Its update is the mean of the updates of all positions: of the whole batch if the
trace is shared, of one sample if every sample has its own. Otherwise the
equations of `HybridParameters` hold at each position. Wu et al., Nat. Commun. 13:65 (2022), Eq. 8. This is
the literal implementation, patch by patch; `HybridConvWindow` is faster for many time steps.
"""

import torch
from norse.torch.module.snn import SNNCell
from torch import Tensor
from torch.nn.functional import unfold

from hpbench.core.errors import InputError
from hpbench.plasticity.trace import post_factor, update_shared
from hpbench.spiking.hybrid.cell import HybridState, draw_theta
from hpbench.spiking.parameters import RELEASE, HybridParameters


class HybridConvCell(SNNCell):
    """A convolutional HP layer: `(input, state) -> (spikes, state)`, input (B, C_in, H, W).

    Neurons are (B, C_out, H', W'). Trainable parameters: w (`conv`), b (`bias`), and θ: α
    (`alpha`, one or (C_out,)), the local learning rates r (`rate`, (n,)) and the offset of the post factor
    (`offset`, (C_out,)). `kernel_size`, `stride` and `padding` are in pixels.
    """

    def __init__(
        self,
        channels: int,
        kernels: int,
        p: HybridParameters = RELEASE,
        *,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        local: bool = True,
    ) -> None:
        super().__init__(self._step, self.initial_state, p.checked(), dt=0.001)
        self.conv = torch.nn.Conv2d(channels, kernels, kernel_size, stride, padding, bias=False)
        self.bias = torch.nn.Parameter(
            torch.empty(kernels).uniform_(-1, 1) / self.conv.weight[0].numel() ** 0.5
        )
        self.shape = (kernel_size, stride, padding)
        self.local = local
        if local:
            entries = self.conv.weight[0].numel()
            self.alpha, self.rate, self.offset = draw_theta(entries, kernels, p)

    @property
    def weight(self) -> Tensor:
        """The kernels, (C_out, C_in, k, k)."""
        return self.conv.weight

    def theta(self) -> list[torch.nn.Parameter]:
        """The meta-parameters of Eq. 1 (none without a trace)."""
        return [self.alpha, self.rate, self.offset] if self.local else []

    def initial_state(self, input_tensor: Tensor) -> HybridState:
        """Neurons at rest and an empty trace for an input (B, C_in, H, W).

        Raises InputError for another shape.
        """
        self.check(input_tensor)
        with torch.no_grad():
            rest = self.p.neuron.rest(self.conv(input_tensor))
        own = (len(input_tensor),) if self.p.trace_scope == "sample" else ()
        shape = (*own, self.conv.weight[0].numel(), self.conv.out_channels)
        return HybridState(rest, input_tensor.new_zeros(shape) if self.local else None, 0)

    def check(self, input_tensor: Tensor) -> None:
        """Raise InputError unless the shape is (B, C_in, H, W)."""
        if input_tensor.ndim != 4 or input_tensor.shape[1] != self.conv.in_channels:
            raise InputError(
                f"expected an input of shape (batch, {self.conv.in_channels}, height, width), not "
                f"{tuple(input_tensor.shape)}"
            )

    def patches(self, input_tensor: Tensor) -> Tensor:
        """The input patch of each position: (B, L, n), L = H' · W'."""
        kernel_size, stride, padding = self.shape
        return unfold(input_tensor, kernel_size, padding=padding, stride=stride).transpose(1, 2)

    def currents(self, input_tensor: Tensor, state: HybridState) -> tuple[Tensor, Tensor | None]:
        """Global current (feed-forward, bias) and local current, both (B, C_out, H', W')."""
        return self.currents_of(self.conv(input_tensor), self._patches(input_tensor), state)

    def currents_of(
        self, ahead: Tensor, patches: Tensor | None, state: HybridState
    ) -> tuple[Tensor, Tensor | None]:
        """The same from W x, (B, C_out, H', W'), and the patches of x (None without a local path)."""
        current = self.bias[:, None, None] + self.p.weight_scale(state.step) * ahead
        if state.trace is None or patches is None:
            return current, None
        local = self.alpha * (patches @ state.trace) * self.p.trace_scale(state.step)
        return current, local.transpose(1, 2).unflatten(2, ahead.shape[2:])

    def advance(
        self, current: Tensor, input_tensor: Tensor, state: HybridState, *, learn: bool
    ) -> HybridState:
        """The neurons from a current, then (if `learn`) the trace from both."""
        return self.advance_by(current, self._patches(input_tensor) if learn else None, state)

    def advance_by(self, current: Tensor, patches: Tensor | None, state: HybridState) -> HybridState:
        """The same from the patches of x; the trace learns where they are given."""
        p = self.p
        neurons = p.neuron.step(current, state.neurons, p)
        trace = state.trace
        if trace is not None and patches is not None:
            by_position = [one.flatten(2).transpose(1, 2) for one in (neurons.membrane, neurons.spikes)]
            post = post_factor(p.post, by_position[0], by_position[1], p.threshold, self.offset)
            trace = self._update(trace, patches * (self.rate * p.trace_scale(state.step)), post)
        return HybridState(neurons, trace, state.step + 1)

    def _patches(self, input_tensor: Tensor) -> Tensor | None:
        return self.patches(input_tensor) if self.local else None

    def _update(self, trace: Tensor, pre: Tensor, post: Tensor) -> Tensor:
        p = self.p
        if trace.ndim == 2:
            return update_shared(trace, pre.flatten(0, 1), post.flatten(0, 1), p.trace_decay, p.trace_bound)
        moved = torch.baddbmm(trace, pre.transpose(1, 2), post, beta=p.trace_decay, alpha=1 / pre.shape[1])
        return moved.clamp(-p.trace_bound, p.trace_bound)

    def _step(
        self, input_tensor: Tensor, state: HybridState, p: HybridParameters, dt: float
    ) -> tuple[Tensor, HybridState]:
        patches = self._patches(input_tensor)
        ahead, local = self.currents_of(self.conv(input_tensor), patches, state)
        state = self.advance_by(ahead if local is None else ahead + local, patches, state)
        return state.spikes, state

"""One convolution of an online rule: its neurons over a block of steps, and the factors of its gradients."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv2d
from torch.nn.grad import conv2d_input, conv2d_weight

from hpbench.spiking.credit.eligibility import Exponential, filtered_back
from hpbench.spiking.credit.online_layer import add_gradient
from hpbench.spiking.hybrid.conv_cell import HybridConvCell
from hpbench.spiking.surrogate import SURROGATES
from hpbench.spiking.window import Window


class OnlineConvLayer:
    """As `OnlineLayer`, for a convolution and rules without a filter of eligibility.

    Inputs are (C, B, n, H, W), or (B, n, H, W) if constant; spikes, membranes and distances of the block are
    (C, B, m, H', W'). With `trace` the presynaptic factor is z(t) = k z(t−1) + d_t x(t), else d_t x(t).
    """

    def __init__(self, cell: HybridConvCell, *, trace: bool) -> None:
        self.cell, self.p = cell, cell.p
        self.decay = cell.p.membrane_decay if trace else 0.0
        self.start = 0
        self.spikes: Tensor
        self.membranes: Tensor
        self.distances: Tensor
        self.state: Any = None
        self._inputs: Tensor
        self._scales: Tensor
        self._trace: Tensor | None = None  # z at the end of the block before

    def run(self, window: Window) -> Window:
        """Neurons of the next block of inputs; returns the spikes."""
        if self.start and self.decay:
            self._trace = self._after()
        cell, p = self.cell, self.p
        values = window.values if window.static_steps else window.values.flatten(0, 1)
        _, stride, padding = cell.shape
        ahead = conv2d(values, cell.conv.weight, None, stride, padding)
        ahead = ahead.unsqueeze(0) if window.static_steps else ahead.unflatten(0, (window.steps, -1))
        steps = range(self.start, self.start + window.steps)
        self._inputs = window.values
        self._scales = ahead.new_tensor([p.weight_scale(step) for step in steps])
        state = p.neuron.rest(ahead[0]) if self.state is None else self.state
        self.spikes, self.membranes, self.distances = (
            ahead.new_empty(window.steps, *ahead.shape[1:]) for _ in range(3)
        )
        for step in range(window.steps):
            current = cell.bias[:, None, None] + self._scales[step] * ahead[min(step, len(ahead) - 1)]
            state = p.neuron.step(current, state, p)
            self.spikes[step], self.membranes[step] = state.spikes, state.membrane
            self.distances[step] = state.membrane - p.neuron.threshold(state, p)
        self.state = state
        self.start += window.steps
        return Window(self.spikes)

    def through_surrogate(self, signal: Tensor) -> Tensor:
        """ψ(t) times a signal, (C, B, m, H', W')."""
        return SURROGATES[self.p.surrogate].pull(signal, self.distances, 0.0)

    def onto_inputs(self, post: Tensor) -> Tensor:
        """The error of the block's inputs, (C, B, n, H, W), from that of the membranes, `post`."""
        _, stride, padding = self.cell.shape
        size = (post.shape[0] * post.shape[1], *self._inputs.shape[-3:])
        scaled = (post * (self._scaled(post) * self.p.current_gain)).flatten(0, 1)
        found = conv2d_input(size, self.cell.conv.weight, scaled, stride, padding)
        return found.unflatten(0, post.shape[:2])

    def learn(self, post: Tensor) -> None:
        """Add Σ_t post(t) z(t) to the gradients of kernels and biases."""
        decay = (Exponential(1.0, self.decay),)
        found = filtered_back(post, decay)
        add_gradient(self.cell.bias, self._of_bias(found, post))
        seen = found * self._scaled(post)
        if self._inputs.ndim == 4:
            total = self._of_kernels(self._inputs, seen.sum(0))
        else:
            total = self._of_kernels(self._inputs.flatten(0, 1), seen.flatten(0, 1))
        if self._trace is not None:
            reach = self.decay ** torch.arange(1, len(post) + 1, dtype=post.dtype, device=post.device)
            total = total + self._of_kernels(self._trace, torch.tensordot(reach, post, 1))
        add_gradient(self.cell.conv.weight, total)

    def _of_bias(self, found: Tensor, post: Tensor) -> Tensor:
        """A bias is a synapse whose input is 1 at every step, in the blocks before as well."""
        total = found.sum((0, 1, 3, 4))
        before = self.start - len(post)
        if self.decay and before:
            left = (1 - self.decay**before) / (1 - self.decay) if self.decay < 1 else before
            reach = self.decay ** torch.arange(1, len(post) + 1, dtype=post.dtype, device=post.device)
            total = total + left * torch.tensordot(reach, post, 1).sum((0, 2, 3))
        return total

    def _of_kernels(self, values: Tensor, error: Tensor) -> Tensor:
        _, stride, padding = self.cell.shape
        shape = self.cell.conv.weight.shape
        found: Tensor = conv2d_weight(values, shape, error.contiguous(), stride, padding)
        return found

    def _scaled(self, like: Tensor) -> Tensor:
        """d_t, to be multiplied with (C, …)."""
        return self._scales.view(-1, *[1] * (like.ndim - 1))

    def _after(self) -> Tensor:
        """z at the end of the block that was."""
        steps = len(self._scales)
        left = self.decay ** torch.arange(
            steps - 1, -1, -1, dtype=self._scales.dtype, device=self._scales.device
        )
        weights = left * self._scales
        if self._inputs.ndim == 4:
            found = self._inputs * weights.sum()
        else:
            found = torch.tensordot(weights, self._inputs, 1)
        return found if self._trace is None else found + self.decay**steps * self._trace

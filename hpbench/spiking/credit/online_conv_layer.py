"""One convolution of an online rule: its neurons over a block of steps, and the factors of its gradients."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv2d
from torch.nn.grad import conv2d_input, conv2d_weight

from hpbench.spiking.credit.eligibility import Presynaptic
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
        self.pre: dict[str, Presynaptic] = {}
        self._scales: Tensor

    def run(self, window: Window) -> Window:
        """Neurons of the next block of inputs; returns the spikes."""
        cell, p = self.cell, self.p
        values = window.values if window.static_steps else window.values.flatten(0, 1)
        _, stride, padding = cell.shape
        ahead = conv2d(values, cell.conv.weight, None, stride, padding)
        ahead = ahead.unsqueeze(0) if window.static_steps else ahead.unflatten(0, (window.steps, -1))
        steps = range(self.start, self.start + window.steps)
        self._scales = ahead.new_tensor([p.weight_scale(step) for step in steps])
        self._see(window)
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
        size = (post.shape[0] * post.shape[1], *self.pre["input"].values.shape[-3:])
        scaled = (post * (self._scales.view(-1, 1, 1, 1, 1) * self.p.current_gain)).flatten(0, 1)
        found = conv2d_input(size, self.cell.conv.weight, scaled, stride, padding)
        return found.unflatten(0, post.shape[:2])

    def learn(self, post: Tensor) -> None:
        """Add Σ_t post(t) z(t) to the gradients of kernels and biases."""
        add_gradient(self.cell.conv.weight, self.pre["input"].times(post))
        add_gradient(self.cell.bias, self.pre["bias"].times(post))

    def _see(self, window: Window) -> None:
        """The presynaptic factors of inputs and of a bias, whose input is 1 at every step."""
        _, stride, padding = self.cell.shape
        shape = self.cell.conv.weight.shape

        def kernels(post: Tensor, pre: Tensor) -> Tensor:
            found: Tensor = conv2d_weight(pre, shape, post.contiguous(), stride, padding)
            return found

        before = {name: one.after() if self.decay else None for name, one in self.pre.items()}
        ones = window.values.new_ones(window.batch, 1)
        self.pre = {
            "input": Presynaptic(window.values, self._scales, self.decay, before.get("input"), kernels),
            "bias": Presynaptic(
                ones, torch.ones_like(self._scales), self.decay, before.get("bias"), _over_places
            ),
        }


def _over_places(post: Tensor, pre: Tensor) -> Tensor:
    """Σ_b Σ_places post pre, (m,), for post (B, m, H, W) and pre (B, 1)."""
    return (post.sum((2, 3)) * pre).sum(0)

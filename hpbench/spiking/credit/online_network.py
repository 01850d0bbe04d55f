"""The spiking network of `gp` with an output that integrates, learned without a stored window.

Hidden layers are those of `gp`. Output neurons do not fire: y(t) = κ y(t−1) + c (d_t W s(t) + b). There is a
loss at every step, whose mean is the loss of a sample; the scores are the mean of y. A window is learned in
blocks of steps: within one, sums over time are matrix products; from one to the next go membranes, traces
and, where a rule filters eligibility, what is left in the filters.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hpbench.spiking.credit.eligibility import Exponential, Filter, double_exponential
from hpbench.spiking.credit.feedback import from_outputs
from hpbench.spiking.credit.locality import Locality, OnlineRule
from hpbench.spiking.credit.online_conv_layer import OnlineConvLayer
from hpbench.spiking.credit.online_layer import OnlineLayer, add_gradient
from hpbench.spiking.hybrid.conv_cell import HybridConvCell
from hpbench.spiking.hybrid.product import product
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.neurons.lif import Lif
from hpbench.spiking.window import Window

BLOCK = 128
"""Steps that are learned at once; memory does not grow with a window beyond it."""


class OnlineNetwork(SpikingNetwork):
    """A network that learns by an online rule. In evaluation it is an ordinary network.

    Convolutions are for rules without a filter of eligibility.
    `output_decay` is κ. `filter_rise` and `filter_decay` are time constants, in steps, of the double filter;
    `feedback_decay` is the share of adaptive feedback and of the output's weights in their gradients.
    """

    def __init__(
        self,
        *arguments: Any,
        rule: OnlineRule,
        output_decay: float,
        filter_rise: float = 5.0,
        filter_decay: float = 10.0,
        feedback_decay: float = 0.0,
        **others: Any,
    ) -> None:
        super().__init__(*arguments, **others | {"read_out": "membrane_mean"})
        self.rule = rule
        self.feedback_decay = feedback_decay
        self.locality = Locality(
            local_in_time=True,
            local_in_space=rule.feedback != "layers",
            weight_transport=rule.feedback in ("layers", "symmetric"),
            update_locking=True,
        )
        last: Any = self.layers[-1]
        last.cell.p = self.p._replace(
            neuron=Lif(), threshold=math.inf, membrane_decay=output_decay, reset="zero"
        )
        filters = {
            "none": (),
            "read_out": (Exponential(1.0, output_decay),),
            "double": double_exponential(math.exp(-1 / filter_rise), math.exp(-1 / filter_decay)),
        }
        self.filter: Filter = filters[rule.filter]
        if rule.feedback in ("random", "adaptive"):
            drawn = [from_outputs(self.outputs, neurons) for neurons in self.passed_on]
            self.matrices = torch.nn.ParameterList(
                torch.nn.Parameter(one, requires_grad=rule.feedback == "adaptive") for one in drawn
            )

    def learn(self, inputs: Tensor, judged: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
        """Add the rule's gradients to the parameters' `grad`; returns loss and scores (B, K), detached.

        `judged` gives the mean loss of scores (B, K), or of those of C steps one after another, (C · B, K).
        """
        with torch.no_grad():
            window = self.encoder(inputs)
            cells: list[Any] = [layer.cell for layer in self.layers]
            layers = [self._online(cell, goes_on=window.steps > BLOCK) for cell in cells]
            lost = total = torch.zeros((), device=window.values.device)
            for start in range(0, window.steps, BLOCK):
                shown = _part(window, start, min(start + BLOCK, window.steps))
                steps = shown.steps
                for number, layer in enumerate(layers):
                    spikes = layer.run(self._entering(shown, number)).values
                    shown = Window(self._pooled(spikes, number))
                read = layers[-1].membranes
                loss, error = _judged(read, judged, steps / window.steps)
                self._learn_block(layers, error)
                lost, total = lost + loss, total + read.sum(0)
            if self.feedback_decay:
                for decaying in (cells[-1].weight, *self.matrices):
                    add_gradient(decaying, self.feedback_decay * decaying)
        return lost, total / window.steps

    def _online(self, cell: Any, *, goes_on: bool) -> Any:
        if isinstance(cell, HybridConvCell):
            return OnlineConvLayer(cell, trace=self.rule.trace)
        return OnlineLayer(cell, trace=self.rule.trace, goes_on=goes_on)

    def _unpooled(self, signal: Tensor, number: int, layer: Any) -> Tensor:
        """The error of a layer's spikes, from that of what it has passed on."""
        spikes = layer.spikes
        if self.pools[number] == 1:
            return signal.reshape(spikes.shape)
        with torch.enable_grad():
            leaf = spikes.requires_grad_()
            passed = self._pooled(leaf, number)
        (found,) = torch.autograd.grad(passed, leaf, signal.reshape(passed.shape))
        return found

    def _learn_block(self, layers: list[Any], error: Tensor) -> None:
        """`error` is ∂L/∂y(t), (C, B, K)."""
        gain = self.p.current_gain
        post = error * gain
        layers[-1].learn(post)
        if self.rule.feedback == "layers":
            for number in range(len(layers) - 2, -1, -1):
                signal = layers[number + 1].onto_inputs(post)
                post = layers[number].through_surrogate(self._unpooled(signal, number, layers[number]))
                layers[number].learn(post)
            return
        for layer, matrix in zip(layers[:-1], self._feedback(layers), strict=True):
            layer.learn_filtered(product(error, matrix), self.filter)
        if self.rule.feedback == "adaptive":
            self._adapt(layers, post)

    def _feedback(self, layers: list[OnlineLayer]) -> list[Tensor]:
        """B_l, (K, m_l), of every hidden layer."""
        if self.rule.feedback != "symmetric":
            return list(self.matrices)
        found = [layers[-1].cell.linear.weight]
        for layer in layers[-2:0:-1]:
            found.insert(0, found[0] @ layer.cell.linear.weight)
        return found

    def _adapt(self, layers: list[OnlineLayer], post: Tensor) -> None:
        """B_l gets the gradient that weights from its layer to the output would get; both decay."""
        for above, matrix in zip(layers[1:], self.matrices, strict=True):
            add_gradient(matrix, above.pre["input"].times(post))


def _part(window: Window, start: int, end: int) -> Window:
    """Steps `start` to `end` of a window."""
    if window.static_steps:
        return window._replace(static_steps=end - start)
    return Window(window.values[start:end])


def _judged(read: Tensor, judged: Callable[[Tensor], Tensor], share: float) -> tuple[Tensor, Tensor]:
    """The share of the loss that y, (C, B, K), has, and ∂L/∂y."""
    with torch.enable_grad():
        leaf = read.detach().requires_grad_()
        loss = judged(leaf.flatten(0, 1)) * share
    (error,) = torch.autograd.grad(loss, leaf)
    return loss.detach(), error

"""A network of HP layers: optional convolutional ones, then fully connected ones."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import dropout as drop

from hpbench.spiking.adaptive_norm import AdaptiveNorm
from hpbench.spiking.credit.locality import BACKPROPAGATION
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.conv_cell import HybridConvCell
from hpbench.spiking.hybrid.conv_window import HybridConvWindow
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.parameters import DIALECT_READ_OUT, HybridParameters
from hpbench.spiking.pooling import means
from hpbench.spiking.readout import read_out
from hpbench.spiking.window import Response, Window


class Convolution(NamedTuple):
    """A convolutional layer, padded by half a kernel; means over squares of `pool` places are passed on."""

    kernels: int
    kernel_size: int
    stride: int
    pool: int = 1

    def shape_after(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The layer's output shape (C, H, W) for an input shape (C, H, W)."""
        reach = 2 * (self.kernel_size // 2) - self.kernel_size
        return self.kernels, *(((side + reach) // self.stride + 1) // self.pool for side in shape[1:])


class SpikingNetwork(torch.nn.Module):
    """A network for one of three kinds of learning (Wu et al. 2022).

    `gp`: α = 0, surrogate-gradient learning only. `hp`: trace and gradient, θ learned. `lp`: the hidden
    layers' w, b and θ keep their initial values, only their traces change; the last layer learns as in `hp`.
    Input (B, …) in [0, 1] as the encoder takes it, output (B, K) by a read-out of `hpbench.spiking.readout`.
    `widths` are the inputs at one step, the neurons of the dense hidden layers, and K. `convolutions` come
    first and read the input as an `image`, (C, H, W). `dialect` is the name of the parameters that `p` is
    based on; `recurrent` gives dense hidden layers learned recurrent connections. `trace_in` says which
    layers have a trace: "all", "dense", or "hidden", the dense ones before the last; `trace_decay_at_test` is
    the share of a trace that is left after a sample of a test stream, None for that of training. In training,
    the share `dropout` of the inputs of every convolution but the first is left out, anew in every step.
    `output_gain` multiplies the initial weights of the last layer. With `norm`, for `gp`, the currents of
    dense hidden layers have a batch norm over samples and steps that begins at the size of the threshold
    (Zheng et al., AAAI 2021); `norm_adapts` and `entropy_lr` say what it does through a test stream
    (`hpbench.learning.adapting`).
    `outputs` is K, and `passed_on` are the numbers of values that each hidden layer passes on at a step,
    after pooling. `locality` says what the rule needs to know.
    """

    locality = BACKPROPAGATION

    def __init__(
        self,
        widths: Sequence[int],
        encoder: Encoder,
        learner: str = "hp",
        p: HybridParameters | None = None,
        *,
        convolutions: Sequence[Convolution] = (),
        image: Sequence[int] = (),
        dialect: str = "release",
        read_out: str | None = None,
        trace_at_test: str | None = None,
        trace_decay_at_test: float | None = None,
        recurrent: bool = False,
        trace_form: str = "auto",
        trace_in: str = "all",
        dropout: float = 0.0,
        output_gain: float = 1.0,
        norm: bool = False,
        norm_adapts: bool = False,
        entropy_lr: float | None = None,
    ) -> None:
        super().__init__()
        self.entropy_lr = entropy_lr
        self.passed_on: list[int] = []
        self.outputs = widths[-1]
        self.encoder = encoder
        self.learner = learner
        self.dialect = dialect
        self.p = p or HybridParameters()
        self.read_out = read_out or DIALECT_READ_OUT[dialect]
        self.image = tuple(image)
        self.pools = [one.pool for one in convolutions] + [1] * (len(widths) - 1)
        self.dropout = dropout
        self.layers = torch.nn.ModuleList()
        seen, local = self.image, learner != "gp"
        for one in convolutions:
            cell = HybridConvCell(
                seen[0],
                one.kernels,
                self.p,
                kernel_size=one.kernel_size,
                stride=one.stride,
                padding=one.kernel_size // 2,
                local=local and trace_in == "all",
            )
            self.layers.append(HybridConvWindow(cell, trace_at_test, trace_decay_at_test))
            seen = one.shape_after(seen)
            self.passed_on.append(prod(seen))
        last = len(widths) - 2
        entering = prod(seen) if convolutions else widths[0]
        self.passed_on += widths[1:-1]
        for number, (inputs, neurons) in enumerate(pairwise([entering, *widths[1:]])):
            plastic = local and (trace_in != "hidden" or number < last)
            dense = HybridCell(inputs, neurons, self.p, local=plastic, recurrent=recurrent and number < last)
            if number == last:
                dense.linear.weight.data.mul_(output_gain)
            window = HybridWindow(
                dense,
                trace_at_test,
                trace_form,
                keep_membranes=number == last,
                stream_share=trace_decay_at_test,
                norm=AdaptiveNorm(neurons, adapts=norm_adapts, gain=self.p.threshold)
                if norm and number < last
                else None,
            )
            self.layers.append(window)
        if learner == "lp":
            for layer in self.layers[:-1]:
                layer.requires_grad_(False)

    def forward(self, inputs: Tensor) -> Tensor:
        """Class scores (B, K)."""
        return self.scores(self.unrolled(inputs))

    def scores(self, last: Response) -> Tensor:
        """Class scores (B, K) from spikes and membranes of the last layer."""
        return read_out(self.read_out, last.spikes, last.membranes, self.p.threshold)

    def unrolled(self, inputs: Tensor) -> Response:
        """Spikes and membranes of the last layer, (T, B, K)."""
        window = self.encoder(inputs)
        for number in range(len(self.layers)):
            response = self._answer(number, self._entering(window, number))
            window = Window(self._pooled(response.spikes, number))
        return response

    def _entering(self, window: Window, number: int) -> Window:
        """The window as a layer takes it, of which dropout leaves out a share."""
        layer = self.layers[number]
        shown = self._shaped(window, layer)
        if number and self.dropout and isinstance(layer, HybridConvWindow):
            return Window(drop(shown.values, self.dropout, self.training))
        return shown

    def _answer(self, number: int, shown: Window) -> Response:
        """What a layer makes of its input."""
        response: Response = self.layers[number](shown)
        return response

    def _pooled(self, spikes: Tensor, number: int) -> Tensor:
        """What a layer passes on: its spikes, or their means over squares of places."""
        if self.pools[number] == 1:
            return spikes
        return means(spikes.flatten(0, 1), self.pools[number]).unflatten(0, spikes.shape[:2])

    def _shaped(self, window: Window, layer: torch.nn.Module) -> Window:
        """The window in shape (C, H, W) per sample for a convolution, flat for a dense layer."""
        values, leading = window.values, 1 if window.static_steps else 2
        if isinstance(layer, HybridConvWindow):
            shaped = values.unflatten(-1, self.image) if values.ndim == leading + 1 else values
        else:
            shaped = values.flatten(leading)
        return window._replace(values=shaped)

    def theta(self) -> list[torch.nn.Parameter]:
        """The meta-parameters of all layers, which have a learning rate of their own."""
        cells = [one for one in self.modules() if isinstance(one, (HybridCell, HybridConvCell))]
        return [parameter for cell in cells for parameter in cell.theta()]

    def facts(self) -> dict[str, object]:
        """Columns of a leaderboard row that describe this network."""
        layers: list[Any] = list(self.layers)
        modes = [layer.trace_at_test for layer in layers if layer.cell.local]
        return {
            "network": self.learner,
            "dialect": self.dialect,
            "surrogate": self.p.surrogate,
            "trace_at_test": modes[0] if modes else None,
            "encoding": self.encoder.encoding,
            "time_steps": self.encoder.steps,
            **self.locality._asdict(),
        }

"""One dense layer of an online rule: its neurons over a block of steps, and the factors of its gradients."""

import torch
from torch import Tensor

from hpbench.spiking import fed_window, neuron
from hpbench.spiking.credit.eligibility import Filter, Presynaptic, eligible
from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.product import product
from hpbench.spiking.surrogate import SURROGATES
from hpbench.spiking.window import Window


class OnlineLayer:
    """Runs a cell without a trace through a window, block by block; lives as long as the window.

    After `run`, `spikes` and `membranes` are those of the block, (C, B, m). With `trace` the presynaptic
    factors are traces that decay as the membrane does, else the present inputs. `goes_on` says whether
    another block may follow, for which the filters of `learn` are then kept.
    """

    def __init__(self, cell: HybridCell, *, trace: bool, goes_on: bool) -> None:
        self.cell, self.p = cell, cell.p
        self.decay = cell.p.membrane_decay if trace else 0.0
        self.goes_on = goes_on
        self.start = 0
        self.spikes: Tensor
        self.membranes: Tensor
        self.pre: dict[str, Presynaptic] = {}
        self.filters: dict[str, list[Tensor]] = {}

    def run(self, window: Window) -> Window:
        """Neurons and presynaptic factors of the next block of inputs; returns the spikes."""
        scales = [self.p.weight_scale(self.start + step) for step in range(window.steps)]
        before = None if self.start == 0 else (self.membranes[-1], self.spikes[-1])
        self._fire(window, scales, before)
        self._see(window, scales, before)
        self.start += window.steps
        return Window(self.spikes)

    def through_surrogate(self, signal: Tensor) -> Tensor:
        """ψ(t) times a signal, (C, B, m)."""
        return SURROGATES[self.p.surrogate].pull(signal, self.membranes, self.p.threshold)

    def scales(self) -> Tensor:
        """d_t of the block, (C, 1, 1)."""
        return self.pre["input"].scales[:, None, None]

    def learn(self, post: Tensor) -> None:
        """Add Σ_t post(t) z(t) to the gradients of weights and biases."""
        self._add({name: pre.times(post) for name, pre in self.pre.items()})

    def learn_filtered(self, signal: Tensor, post: Tensor, filter_: Filter) -> None:
        """Add Σ_t L(t) F(post z)(t)."""
        found = {}
        for name, pre in self.pre.items():
            if self.goes_on and name not in self.filters:
                shape = (*post.shape[1:], pre.values.shape[-1])
                self.filters[name] = [post.new_zeros(shape) for _ in filter_]
            found[name] = eligible(signal, post, pre, filter_, self.filters.get(name))
        self._add(found)

    def _add(self, found: dict[str, Tensor]) -> None:
        add_gradient(self.cell.linear.weight, found["input"])
        add_gradient(self.cell.linear.bias, found["bias"].squeeze(1))
        if self.cell.recurrent is not None:
            add_gradient(self.cell.recurrent.weight, found["recurrent"].fill_diagonal_(0))

    def _fire(self, window: Window, scales: list[float], before: tuple[Tensor, Tensor] | None) -> None:
        """Membranes before their reset, and spikes."""
        p, bias = self.p, self.cell.linear.bias
        ahead = product(window.values, self.cell.linear.weight.T)
        recurrent = self.cell.recurrent_weight()
        if before is None and recurrent is None and fed_window.suits(ahead, bias, window.steps, p):
            self.spikes, self.membranes = fed_window.answered(ahead, bias, window.steps, p, keep=True)
            return
        currents = torch.addcmul(bias, ahead.new_tensor(scales)[:, None, None], ahead)
        self.membranes, self.spikes = torch.empty_like(currents), torch.empty_like(currents)
        membrane, spikes = before or (torch.zeros_like(currents[0]), torch.zeros_like(currents[0]))
        for step, current in enumerate(currents):
            if recurrent is not None:
                current = torch.addmm(current, spikes, recurrent.T)
            rooms = self.membranes[step], self.spikes[step]
            membrane, spikes = neuron.advance(current, membrane, spikes, p, rooms)

    def _see(self, window: Window, scales: list[float], before: tuple[Tensor, Tensor] | None) -> None:
        """The presynaptic factors of inputs, of a bias, and of recurrent connections."""
        found = {
            "input": (window.values, scales),
            "bias": (window.values.new_ones(window.batch, 1), [1.0] * window.steps),
        }
        if self.cell.recurrent is not None:
            first = torch.zeros_like(self.spikes[:1]) if before is None else before[1].unsqueeze(0)
            found["recurrent"] = torch.cat([first, self.spikes[:-1]]), found["bias"][1]
        self.pre = {
            name: Presynaptic(values, values.new_tensor(ones), self.decay, self._left(name))
            for name, (values, ones) in found.items()
        }

    def _left(self, name: str) -> Tensor | None:
        """z at the end of the block before."""
        return self.pre[name].after() if name in self.pre and self.decay else None


def add_gradient(parameter: Tensor, gradient: Tensor) -> None:
    """As a backward pass does."""
    parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient

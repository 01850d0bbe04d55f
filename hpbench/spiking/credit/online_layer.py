"""One dense layer of an online rule: its neurons over a block of steps, and the factors of its gradients."""

import torch
from torch import Tensor

from hpbench.spiking import fed_window, neuron
from hpbench.spiking.credit.eligibility import Filter, Presynaptic, eligible, filtered
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
        self._factors = dict.fromkeys(("input", "bias"), 0.0)

    def run(self, window: Window) -> Window:
        """Neurons and presynaptic factors of the next block of inputs; returns the spikes."""
        scales = [self.p.weight_scale(self.start + step) for step in range(window.steps)]
        before = None if self.start == 0 else (self.membranes[-1], self.spikes[-1])
        self._fire(window, scales, before)
        self._see(window, scales, before)
        self.start += window.steps
        return Window(self.spikes)

    def surrogate(self) -> Tensor:
        """ψ(t), (C, B, m)."""
        pull = SURROGATES[self.p.surrogate].pull
        return pull(torch.ones_like(self.membranes), self.membranes, self.p.threshold)

    def scales(self, like: Tensor) -> Tensor:
        """d_t of the block, (C, 1, 1)."""
        steps = range(self.start - len(self.spikes), self.start)
        return like.new_tensor([self.p.weight_scale(step) for step in steps])[:, None, None]

    def learn(self, signal: Tensor, post: Tensor, filter_: Filter) -> None:
        """Add Σ_t L(t) F(post z)(t) to the gradients of weights and biases."""
        found = {name: self._eligible(name, signal, post, filter_) for name in self.pre}
        add_gradient(self.cell.linear.weight, found["input"])
        add_gradient(self.cell.linear.bias, found["bias"].squeeze(1))
        if self.cell.recurrent is not None:
            add_gradient(self.cell.recurrent.weight, found["recurrent"].fill_diagonal_(0))

    def _eligible(self, name: str, signal: Tensor, post: Tensor, filter_: Filter) -> Tensor:
        pre, carried = self.pre[name], None
        if self.goes_on and any(decay for _, decay in filter_):
            if name not in self.filters:
                shape = (*post.shape[1:], pre.values.shape[-1])
                self.filters[name] = [post.new_zeros(shape) for _ in filter_]
            carried = self.filters[name]
        return eligible(signal, post, pre, filter_, carried)

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
        """The presynaptic factors z of inputs, of a bias, and of recurrent connections."""
        values, found = window.values, dict[str, Presynaptic]()
        if window.static_steps:
            found["input"] = Presynaptic(values, self._summed("input", scales, values))
        else:
            scaled = values * values.new_tensor(scales)[:, None, None]
            found["input"] = Presynaptic(filtered(scaled, self.decay, self._last("input")))
        ones = values.new_ones(window.batch, 1)
        found["bias"] = Presynaptic(ones, self._summed("bias", [1.0] * window.steps, values))
        if self.cell.recurrent is not None:
            first = torch.zeros_like(self.spikes[:1]) if before is None else before[1].unsqueeze(0)
            earlier = torch.cat([first, self.spikes[:-1]])
            found["recurrent"] = Presynaptic(filtered(earlier, self.decay, self._last("recurrent")))
        self.pre = found

    def _last(self, name: str) -> Tensor | None:
        """z at the end of the block before."""
        return self.pre[name].values[-1] if name in self.pre else None

    def _summed(self, name: str, scales: list[float], like: Tensor) -> Tensor:
        """The factors of a constant input, (C,)."""
        factors = []
        for scale in scales:
            self._factors[name] = self.decay * self._factors[name] + scale
            factors.append(self._factors[name])
        return like.new_tensor(factors)


def add_gradient(parameter: Tensor, gradient: Tensor) -> None:
    """As a backward pass does."""
    parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient

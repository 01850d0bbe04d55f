"""One dense layer of an online rule: its neurons over a block of steps, and the factors of its gradients."""

from functools import partial
from typing import Any

import torch
from torch import Tensor

from hpbench.spiking import fed_window
from hpbench.spiking.credit.adaptive_eligibility import AdaptiveBlock, with_adaptive_carried
from hpbench.spiking.credit.eligibility import Filter, Presynaptic, filtered_back, with_carried
from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.product import product
from hpbench.spiking.neurons.adaptive import Adaptive
from hpbench.spiking.neurons.lif import LifState
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
        self.distances: Tensor
        """u − v_th of the block, with the adaptive part of the threshold."""
        self.state: Any = None
        self.pre: dict[str, Presynaptic] = {}
        self.filters: dict[str, list[Tensor]] = {}

    def run(self, window: Window) -> Window:
        """Neurons and presynaptic factors of the next block of inputs; returns the spikes."""
        scales = [self.p.weight_scale(self.start + step) for step in range(window.steps)]
        last = self.spikes[-1:] if self.start else None
        self._fire(window, scales)
        self._see(window, scales, last)
        self.start += window.steps
        return Window(self.spikes)

    def through_surrogate(self, signal: Tensor) -> Tensor:
        """ψ(t) times a signal, (C, B, m)."""
        return SURROGATES[self.p.surrogate].pull(signal, self.distances, 0.0)

    def scales(self) -> Tensor:
        """d_t of the block, (C, 1, 1)."""
        return self.pre["input"].scales[:, None, None]

    def onto_inputs(self, post: Tensor) -> Tensor:
        """The error of the block's inputs, (C, B, n), from that of the membranes, `post`."""
        return product(post * (self.scales() * self.p.current_gain), self.cell.linear.weight)

    def learn(self, post: Tensor) -> None:
        """Add Σ_t post(t) z(t) to the gradients of weights and biases."""
        self._add({name: pre.times(post) for name, pre in self.pre.items()})

    def learn_filtered(self, signal: Tensor, filter_: Filter) -> None:
        """Add Σ_t L(t) F(e)(t), where L(t), (C, B, m), is a signal for the current that spikes send on."""
        gain = self.p.current_gain
        scales = self.scales() * gain
        surrogate = self.through_surrogate(torch.full_like(self.distances, gain))
        filtered = filtered_back(signal, filter_)
        if isinstance(self.p.neuron, Adaptive):
            neuron = self.p.neuron
            block = AdaptiveBlock(surrogate / gain, scales * gain, neuron.adaptation, neuron.adaptation_decay)
            whole, start = block.post(filtered)
            carry = partial(with_adaptive_carried, signal=signal, start=start, block=block)
        else:
            post = surrogate * scales
            whole = filtered.mul_(post)
            carry = partial(with_carried, signal=signal, post=post)
        found = {name: pre.times(whole) for name, pre in self.pre.items()}
        if self.goes_on:
            for name, pre in self.pre.items():
                carried = self._carried(name, signal, len(filter_))
                found[name] = carry(found[name], pre=pre, filter_=filter_, carried=carried)
        self._add(found)

    def _carried(self, name: str, signal: Tensor, exponentials: int) -> list[Tensor]:
        """What the blocks before left in the filters of a kind of synapse; at first nothing."""
        if name not in self.filters:
            shape = (*signal.shape[1:], self.pre[name].values.shape[-1])
            count = exponentials + isinstance(self.p.neuron, Adaptive)
            self.filters[name] = [signal.new_zeros(shape) for _ in range(count)]
        return self.filters[name]

    def _add(self, found: dict[str, Tensor]) -> None:
        add_gradient(self.cell.linear.weight, found["input"])
        add_gradient(self.cell.linear.bias, found["bias"].squeeze(1))
        if self.cell.recurrent is not None:
            add_gradient(self.cell.recurrent.weight, found["recurrent"].fill_diagonal_(0))

    def _fire(self, window: Window, scales: list[float]) -> None:
        """Membranes before their reset, and spikes."""
        p, bias = self.p, self.cell.linear.bias
        ahead = product(window.values, self.cell.linear.weight.T)
        recurrent = self.cell.recurrent_weight()
        if self.state is None and recurrent is None and fed_window.suits(ahead, bias, window.steps, p):
            self.spikes, self.membranes = fed_window.answered(ahead, bias, window.steps, p, keep=True)
            self.distances = self.membranes - p.threshold
            self.state = LifState(self.membranes[-1], self.spikes[-1])
            return
        currents = torch.addcmul(bias, ahead.new_tensor(scales)[:, None, None], ahead)
        state = p.neuron.rest(currents[0]) if self.state is None else self.state
        self.membranes, self.spikes = torch.empty_like(currents), torch.empty_like(currents)
        self.distances = torch.empty_like(currents)
        for step, current in enumerate(currents):
            if recurrent is not None:
                current = torch.addmm(current, state.spikes, recurrent.T)
            state = p.neuron.step(current, state, p)
            self.membranes[step], self.spikes[step] = state.membrane, state.spikes
            self.distances[step] = state.membrane - p.neuron.threshold(state, p)
        self.state = state

    def _see(self, window: Window, scales: list[float], last: Tensor | None) -> None:
        """The presynaptic factors of inputs, of a bias, and of recurrent connections."""
        found = {
            "input": (window.values, scales),
            "bias": (window.values.new_ones(window.batch, 1), [1.0] * window.steps),
        }
        if self.cell.recurrent is not None:
            first = torch.zeros_like(self.spikes[:1]) if last is None else last
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

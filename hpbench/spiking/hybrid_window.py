"""A whole window of T steps of an HP cell, without (n, m) work inside the time loop where algebra allows.

Static input (step t sees d_t x): W x and y(0) = x P_0 are computed once, and the trace acts through the
(B, B) kernel K = x diag(β) x^T / B: local current α d_t y(t), y(t+1) = λ y(t) + d_t K g(t); after the
window P_T = λ^T P_0 + (x∘β)^T Σ_t λ^{T−1−t} d_t g(t) / B. It is the direct form re-ordered, and holds as
long as the clamp of the trace cannot bind, which `trace_ceiling` proves for each batch or the direct form
is taken.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.plasticity.release import post_factor, trace_ceiling
from hpbench.spiking.hybrid_cell import HybridCell, HybridState, fire

TRACE_AT_TEST = ("frozen", "batch", "zero")


class Window(NamedTuple):
    """What enters a layer: `values` is (T, B, n), or (B, n) with `static_steps` = T for a constant input."""

    values: Tensor
    static_steps: int = 0


class Response(NamedTuple):
    """What leaves a layer: spikes (T, B, m) and the membrane at the last step, before its reset (B, m)."""

    spikes: Tensor
    membrane: Tensor


class HybridWindow(torch.nn.Module):
    """Shows an HP cell a whole window and carries its trace from training batch to training batch.

    `trace_at_test` says what the trace does in `eval()`: `frozen` uses the trained trace unchanged, `batch`
    lets it adapt to each batch for its T steps and forgets that, `zero` leaves it out.
    Gradients stop at the carried trace.
    """

    trace: Tensor

    def __init__(self, cell: HybridCell, trace_at_test: str = "frozen") -> None:
        super().__init__()
        self.cell = cell
        self.trace_at_test = trace_at_test
        if cell.local:
            neurons, inputs = cell.linear.weight.shape
            self.register_buffer("trace", torch.zeros(inputs, neurons))

    def forward(self, window: Window) -> Response:
        """Run the window and, in training, keep the trace it ends with."""
        if not self.cell.local or (not self.training and self.trace_at_test == "zero"):
            return self._without_trace(window)
        learn = self.training or self.trace_at_test == "batch"
        if not window.static_steps:
            return self._direct(window, learn)
        if not learn:
            return self._frozen(window)
        scales = self._scales(window.static_steps)
        with torch.no_grad():
            ceiling = trace_ceiling(
                self.trace, window.values * self.cell.beta, scales, self.cell.p.trace_decay
            )
        if ceiling >= self.cell.p.trace_bound:
            return self._direct(window, learn)
        return self._kernel(window, scales)

    def _scales(self, steps: int) -> list[float]:
        return [self.cell.p.step_scale(step) for step in range(steps)]

    def _feedforward(self, window: Window) -> list[Tensor]:
        """W x(t) d_t + b for every step, from one matrix product."""
        weight, bias = self.cell.linear.weight, self.cell.linear.bias
        if window.static_steps:
            ahead = window.values @ weight.T
            return [torch.add(bias, ahead, alpha=scale) for scale in self._scales(window.static_steps)]
        scales = window.values.new_tensor(self._scales(window.values.shape[0]))
        return list((window.values @ weight.T * scales[:, None, None] + bias).unbind())

    def _fire_all(self, currents: list[Tensor]) -> Response:
        membrane = spikes = torch.zeros_like(currents[0])
        train = []
        for current in currents:
            membrane, spikes = fire(current, membrane, spikes, self.cell.p)
            train.append(spikes)
        return Response(torch.stack(train), membrane)

    def _without_trace(self, window: Window) -> Response:
        return self._fire_all(self._feedforward(window))

    def _frozen(self, window: Window) -> Response:
        local = self.cell.alpha * (window.values @ self.trace)
        currents = self._feedforward(window)
        scales = self._scales(window.static_steps)
        return self._fire_all(
            [torch.add(one, local, alpha=scale) for one, scale in zip(currents, scales, strict=True)]
        )

    def _direct(self, window: Window, learn: bool) -> Response:
        steps = window.static_steps or window.values.shape[0]
        inputs = [window.values] * steps if window.static_steps else list(window.values.unbind())
        state = HybridState(*self.cell.initial_state(inputs[0])[:2], self.trace, 0)
        train = []
        for scale, one, ahead in zip(self._scales(steps), inputs, self._feedforward(window), strict=True):
            scaled = one * scale
            assert state.trace is not None
            current = ahead + self.cell.alpha * (scaled @ state.trace)
            state = self.cell.advance(current, scaled, state, learn=learn)
            train.append(state.spikes)
        if self.training and state.trace is not None:
            self.trace = state.trace.detach()
        return Response(torch.stack(train), state.membrane)

    def _kernel(self, window: Window, scales: list[float]) -> Response:
        cell, values, p = self.cell, window.values, self.cell.p
        batch = values.shape[0]
        pre = values * cell.beta
        kernel = pre @ values.T / batch
        seen = values @ self.trace
        membrane = spikes = torch.zeros_like(seen)
        train, kept = [], torch.zeros_like(seen)
        for scale, ahead in zip(scales, self._feedforward(window), strict=True):
            current = ahead + (cell.alpha * scale) * seen
            membrane, spikes = fire(current, membrane, spikes, p)
            train.append(spikes)
            post = post_factor(membrane, p.threshold, cell.eta)
            seen = torch.addmm(seen, kernel, post, beta=p.trace_decay, alpha=scale)
            if self.training:
                kept = torch.add(post.detach() * scale, kept, alpha=p.trace_decay)
        if self.training:
            with torch.no_grad():
                decayed = p.trace_decay ** len(scales)
                self.trace = torch.addmm(self.trace, pre.T, kept, beta=decayed, alpha=1 / batch)
        return Response(torch.stack(train), membrane)

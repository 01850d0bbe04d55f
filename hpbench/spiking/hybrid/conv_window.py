"""All T steps of a convolutional HP cell.

A shared trace is a kernel: its current is a convolution, computed together with that of W,

    u ← … + (d_t W + e_t α ∘ P) ∗ x(t) + b

and its update, the mean over batch and positions of patches times post factors, is the gradient of a
convolution with respect to its kernel. No patch is formed. Traces per sample are computed patch by patch, as
in the cell.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.grad import conv2d_weight

from hpbench.operations.layer import Operations
from hpbench.operations.synapses import are_spikes, needed, reached, silence
from hpbench.plasticity.trace import post_factor
from hpbench.spiking.fed_window import fed
from hpbench.spiking.fired_window import fired
from hpbench.spiking.hybrid.conv_cell import HybridConvCell
from hpbench.spiking.hybrid.current_sizes import current_sizes
from hpbench.spiking.hybrid.stream_trace import StreamTrace
from hpbench.spiking.hybrid.streamed import streamed_places
from hpbench.spiking.hybrid.synapses import convolved
from hpbench.spiking.parameters import HELD_AT_TEST, trace_mode
from hpbench.spiking.window import Response, Window


class HybridConvWindow(StreamTrace):
    """Runs a convolutional HP cell: values (T, B, C, H, W), or (B, C, H, W) constant for T steps.

    Shared trace, (n, m), `trace_at_test` and `stream_share` as in `HybridWindow`. Spikes are
    (T, B, C_out, H', W'); membranes are not stored. `feedback`, if set, replaces the kernels in the backward
    pass of training.
    """

    feedback: Tensor | None

    def __init__(
        self, cell: HybridConvCell, trace_at_test: str | None = None, stream_share: float | None = None
    ) -> None:
        super().__init__()
        self.cell = cell
        self.stream_share = stream_share
        self.trace_at_test = trace_mode(cell.p, trace_at_test) if cell.local else "zero"
        self.register_buffer("feedback", None)
        if cell.local and cell.p.trace_scope == "batch":
            entries = cell.conv.weight[0].numel()
            self.register_buffer("trace", torch.zeros(entries, cell.conv.out_channels))

    def forward(self, window: Window) -> Response:
        """Run the window and, in training, store the shared trace for the next batch.

        Raises InputError for values of another shape.
        """
        self.cell.check(window.each_step()[0])
        if not self.cell.local or (not self.training and self.trace_at_test == "zero"):
            spikes = self._by_one_kernel(window, self.cell.conv.weight.new_zeros(()))
        elif self.cell.p.trace_scope == "sample":
            spikes = torch.stack(list(self._by_patches(window)))
        elif self._streaming is not None and not self.training:
            spikes = torch.cat(
                list(streamed_places(self.cell, window, self._streaming, self.stream_share)), 1
            )
        elif not self.training and self.trace_at_test in HELD_AT_TEST:
            spikes = self._by_one_kernel(window, self._as_kernel(self.trace))
        else:
            spikes = torch.stack(list(self._by_a_moving_kernel(window)))
        return Response(spikes, spikes[:0])

    def operations(self, response: Response, window: Window) -> Operations:
        """Of one pass.

        W and α P share a synapse, which counts once; a trace is written by every position that reads it.
        """
        cell, times = self.cell, window.static_steps or 1
        values = window.values if window.static_steps else window.values.flatten(0, 1)
        active = reached(values, cell.conv) * times
        accumulates, multiply_accumulates = needed(active, are_spikes(values))
        trace = self.trace if cell.local and cell.p.trace_scope == "batch" else None
        ahead, local = current_sizes(cell, window, trace, self.trace_at_test)
        return Operations(
            samples=window.batch,
            dense=reached(torch.ones_like(values), cell.conv) * times,
            accumulates=accumulates,
            multiply_accumulates=multiply_accumulates,
            trace_writes=active if cell.local else 0,
            silent=silence(response.spikes),
            neuron_steps=response.spikes.numel(),
            ahead=ahead,
            local=local,
            places=True,
        )

    def _as_kernel(self, trace: Tensor) -> Tensor:
        """P, (n, m), as (m, C, k, k)."""
        return trace.T.reshape(self.cell.conv.weight.shape)

    @property
    def _gain(self) -> Tensor:
        """α for each kernel."""
        return self.cell.alpha.reshape(-1, 1, 1, 1) if self.cell.local else self.cell.bias.new_zeros(())

    def _by_one_kernel(self, window: Window, kernel: Tensor) -> Tensor:
        """With a frozen trace, all currents are known before the first spike: one convolution, or two."""
        cell, p = self.cell, self.cell.p
        local = self._gain * kernel
        if not kernel.ndim or p.weight_decay_on == "input":  # there is no P, or d_t equals e_t
            ahead = self._by_channel(window, cell.conv.weight + local)
            spikes = fed(ahead.flatten(-4, -2), cell.bias, window.steps, p).unflatten(1, ahead.shape[-4:-1])
        else:
            ahead, seen = (self._by_channel(window, one) for one in (cell.conv.weight, local))
            scales = ahead.new_tensor([[p.weight_scale(t), p.trace_scale(t)] for t in range(window.steps)])
            of_weights, of_trace = scales.T[..., None, None, None, None]
            spikes = fired(of_weights * ahead + of_trace * seen + cell.bias, window.steps, p)
        return spikes.permute(0, 1, 4, 2, 3)

    def _by_channel(self, window: Window, weight: Tensor) -> Tensor:
        """The convolution of the window, (T, B, H', W', C_out), or (B, H', W', C_out) if it is constant.

        Channels last is the order in which convolutions leave them in memory: a view, no copy.
        """
        if window.static_steps:
            return self._convolved(window.values, weight).permute(0, 2, 3, 1)
        every = self._convolved(window.values.flatten(0, 1), weight)
        return every.permute(0, 2, 3, 1).unflatten(0, (window.steps, -1))

    def _by_a_moving_kernel(self, window: Window) -> Iterator[Tensor]:
        """With a shared trace that is updated at every step."""
        cell, p = self.cell, self.cell.p
        _, stride, padding = cell.shape
        weight, kernel = cell.conv.weight, self._as_kernel(self.trace)
        rate, offset = cell.rate.reshape(1, *weight.shape[1:]), cell.offset[:, None, None]
        neurons = None
        for step, values in enumerate(window.each_step()):
            scale = p.trace_scale(step)
            now = p.weight_scale(step) * weight + scale * self._gain * kernel
            current = cell.bias[:, None, None] + self._convolved(values, now)
            neurons = p.neuron.step(current, p.neuron.rest(current) if neurons is None else neurons, p)
            yield neurons.spikes
            post = post_factor(p.post, neurons.membrane, neurons.spikes, p.threshold, offset)
            taken = conv2d_weight(
                values, weight.shape, post, stride, padding
            )  # sums over batch and positions
            places = post.numel() // len(weight)
            moved = p.trace_decay * kernel + taken * (rate * (scale / places))
            kernel = moved.clamp(-p.trace_bound, p.trace_bound)
        if self.training:
            self.trace = kernel.detach().flatten(1).T.contiguous()

    def _by_patches(self, window: Window) -> Iterator[Tensor]:
        """With a trace per sample."""
        cell = self.cell
        values = window.values if window.static_steps else window.values.flatten(0, 1)
        state = cell.initial_state(window.each_step()[0])
        ahead = self._each(cell.conv(values), window)
        seen = self._each(cell.patches(values), window)
        for one, patches in zip(ahead, seen, strict=True):
            current, local = cell.currents_of(one, patches, state)
            assert local is not None
            state = cell.advance_by(current + local, patches, state)
            yield state.spikes

    def _convolved(self, values: Tensor, weight: Tensor) -> Tensor:
        _, stride, padding = self.cell.shape
        back = self.feedback if self.training else None
        return convolved(values, weight, stride, padding, back)

    @staticmethod
    def _each(values: Tensor, window: Window) -> list[Tensor]:
        """What was computed for the whole window, step by step."""
        steps = window.steps
        return [values] * steps if window.static_steps else list(values.unflatten(0, (steps, -1)).unbind())

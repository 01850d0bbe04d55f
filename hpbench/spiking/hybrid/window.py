"""All T steps of an HP cell, with as much work as possible taken out of the time loop.

W x is one matrix product for all steps. For the trace, the cheapest algorithm of
`hpbench.spiking.hybrid.forms` is chosen by the shapes. Those that never store the trace ("implicit") are
exact only if its clamp is not reached; where an upper bound of the trace cannot rule that out for a batch,
the literal algorithm is used.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.core.errors import InputError, nearest
from hpbench.operations.layer import Operations
from hpbench.operations.synapses import are_spikes, needed, silence
from hpbench.plasticity.trace import ceiling, post_ceiling
from hpbench.spiking import fed_window
from hpbench.spiking.adaptive_norm import AdaptiveNorm
from hpbench.spiking.choices import FORMS
from hpbench.spiking.hybrid import loop
from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.current_sizes import current_sizes
from hpbench.spiking.hybrid.forms.batch_gram import BatchGram
from hpbench.spiking.hybrid.forms.batch_kernel import BatchKernel
from hpbench.spiking.hybrid.forms.held import Held
from hpbench.spiking.hybrid.forms.local_path import LocalPath
from hpbench.spiking.hybrid.forms.own_gram import OwnGram
from hpbench.spiking.hybrid.forms.own_static import OwnStatic
from hpbench.spiking.hybrid.forms.stepwise import Stepwise
from hpbench.spiking.hybrid.loop import Drive, Plan
from hpbench.spiking.hybrid.stream_trace import StreamTrace
from hpbench.spiking.hybrid.streamed import streamed
from hpbench.spiking.hybrid.synapses import fed_forward
from hpbench.spiking.parameters import HELD_AT_TEST, trace_mode
from hpbench.spiking.window import Response, Window

_SAMPLES_FOR_A_SUM = 32
"""Number of inputs (samples times steps) from which adding two matrices is cheaper than a second product."""


class HybridWindow(StreamTrace):
    """Runs an HP cell over a window and passes a shared trace on from one training batch to the next.

    `trace_at_test` is the mode of the trace in `eval()`. Shared trace: `frozen` uses the trained trace
    unchanged, `batch` lets it adapt to each batch and then resets it, `zero` leaves it out; `stream` lets it
    go on from sample to sample between `begin_stream` and `end_stream`, with the share `stream_share` left
    after each (see `hpbench.spiking.hybrid.streamed`), and is `frozen` elsewhere. Traces per sample: `sample`
    as in training, or `zero`. No gradient reaches earlier batches. `keep_membranes` returns the membranes of
    all steps, for read-outs that need them. `form` is one of FORMS. A `norm` of the feed-forward current is
    for cells without a trace and recurrent connections; they store no membranes.
    `feedback`, (m, n), if set, replaces the weights in the backward pass of training, for cells without a
    trace.
    Raises InputError if the mode does not fit the trace's scope, or the form is unknown.
    """

    feedback: Tensor | None

    def __init__(
        self,
        cell: HybridCell,
        trace_at_test: str | None = None,
        form: str = "auto",
        *,
        keep_membranes: bool = True,
        stream_share: float | None = None,
        norm: AdaptiveNorm | None = None,
    ) -> None:
        super().__init__()
        if form not in FORMS:
            raise InputError(f"form={form}: {nearest(form, FORMS)}")
        self.cell = cell
        self.trace_at_test = trace_mode(cell.p, trace_at_test) if cell.local else "zero"
        self.form = form
        self.keep_membranes = keep_membranes
        self.stream_share = stream_share
        self.norm = norm
        self.register_buffer("feedback", None)
        if cell.local and cell.p.trace_scope == "batch":
            neurons, inputs = cell.linear.weight.shape
            self.register_buffer("trace", torch.zeros(inputs, neurons))
        self._whole: _Whole | None = None
        self._size: _Size | None = None
        self._size_after: float | None = None

    def forward(self, window: Window, through: Callable[[Tensor], Tensor] | None = None) -> Response:
        """Run the window and, in training, store the shared trace for the next batch.

        Without a trace, W x passes `through` a function, if given, before the neurons get it.
        Raises InputError for an input that is not (T, B, n), or (B, n) constant for T steps, with T > 0.
        """
        self._check(window)
        if self.norm is not None:
            return self._normed(window, self.norm)
        self._size_after = None
        if self.training:
            self._whole = None
        cell, form = self.cell, self._form(window)
        plan = Plan(cell.p, window.steps, form, self.keep_membranes)
        values = window.values.to(cell.linear.bias.dtype)
        drive = Drive(values, cell.linear.weight, cell.linear.bias, cell.recurrent_weight())
        if self._streaming is not None and not self.training:
            drive = Drive(*drive[:4], cell.alpha, cell.rate, cell.offset, self._streaming)
            return Response(*streamed(drive, window.steps, cell.p, self.stream_share))
        if form is Held and self._one_product(window):
            plan = plan._replace(form=None)
            drive = drive._replace(weight=self._whole_weight())
        elif form is not None:
            trace = self._carried(window, form)
            drive = drive._replace(alpha=cell.alpha, rate=cell.rate, offset=cell.offset, trace=trace)
        if plan.form is None:
            return self._fed(drive, plan, through)
        spikes, membranes, trace = loop.unroll(plan, drive)
        if self.training and trace is not None:
            self.trace = trace.contiguous()  # as it is when it has been stored and read again
            after = self._size_after
            self._size = None if after is None else _Size(after, self.trace, self.trace._version)
        return Response(spikes, membranes)

    def _fed(self, drive: Drive, plan: Plan, through: Callable[[Tensor], Tensor] | None = None) -> Response:
        """Without a local path: W x is known before the first spike."""
        assert drive.weight is not None
        back = self.feedback if self.training else None
        ahead, bias = fed_forward(drive.values, drive.weight, back), drive.bias
        ahead = ahead if through is None else through(ahead)
        if drive.recurrent is None and fed_window.suits(ahead, bias, plan.steps, plan.p):
            return Response(*fed_window.answered(ahead, bias, plan.steps, plan.p, keep=plan.keep_membranes))
        return Response(*loop.unroll(plan, Drive(ahead, None, bias, drive.recurrent))[:2])

    def _normed(self, window: Window, norm: AdaptiveNorm) -> Response:
        """Without a local path: I(t) = d_t norm(W x(t)) + b."""
        cell = self.cell
        ahead = norm(torch.nn.functional.linear(window.values, cell.linear.weight))
        spikes = fed_window.fed(ahead, cell.linear.bias, window.steps, cell.p)
        return Response(spikes, spikes[:0])

    def operations(self, response: Response, window: Window) -> Operations:
        """Of one pass. W and α P share a synapse, which counts once; what the trace writes counts apart."""
        cell, spikes, meetings = self.cell, response.spikes, window.static_steps or 1
        meetings *= cell.linear.out_features
        active = int(window.values.count_nonzero()) * meetings
        accumulates, multiply_accumulates = needed(active, are_spikes(window.values))
        trace = self.trace if cell.local and cell.p.trace_scope == "batch" else None
        ahead, local = current_sizes(cell, window, trace, self.trace_at_test)
        return Operations(
            samples=window.batch,
            dense=window.values.numel() * meetings,
            accumulates=accumulates,
            multiply_accumulates=multiply_accumulates,
            trace_writes=active if cell.local else 0,
            silent=silence(spikes),
            neuron_steps=spikes.numel(),
            ahead=ahead,
            local=local,
        )

    def _check(self, window: Window) -> None:
        inputs, shape = self.cell.linear.in_features, tuple(window.values.shape)
        if len(shape) != (2 if window.static_steps else 3) or shape[-1] != inputs or window.steps < 1:
            wanted = f"(batch, {inputs})" if window.static_steps else f"(steps, batch, {inputs})"
            raise InputError(f"expected a window of shape {wanted} with at least one step, not {shape}")

    def _one_product(self, window: Window) -> bool:
        """Whether to add a frozen trace to the weights: (W + α P) x is one product."""
        p = self.cell.p
        alike = all(p.weight_scale(step) == p.trace_scale(step) for step in range(window.steps))
        return alike and window.values.shape[:-1].numel() >= _SAMPLES_FOR_A_SUM

    def _whole_weight(self) -> Tensor:
        """W + α P; without gradients computed once, for as long as no part of it changes."""
        parts = self.cell.linear.weight, self.cell.alpha, self.trace
        weight, alpha, trace = parts
        if torch.is_grad_enabled() or torch.is_inference_mode_enabled():
            return weight + (trace * alpha).T
        versions = tuple((one.data_ptr(), one._version) for one in parts)
        if self._whole is None or self._whole.versions != versions:
            self._whole = _Whole(weight + (trace * alpha).T, versions)
        return self._whole.weight

    def _form(self, window: Window) -> type[LocalPath] | None:
        """The algorithm (form) of the local path for this window; None without a trace."""
        if not self.cell.local or (not self.training and self.trace_at_test == "zero"):
            return None
        if not self.training and self.trace_at_test in HELD_AT_TEST:
            return Held
        if not self._implicit(window):
            return Stepwise
        if self.cell.p.trace_scope == "batch":
            return BatchKernel if window.static_steps else BatchGram
        return OwnStatic if window.static_steps else OwnGram

    def _carried(self, window: Window, form: type[LocalPath]) -> Tensor | None:
        """P_0 as the form needs it: a shared trace, or for `Stepwise` zeros for each sample."""
        if self.cell.p.trace_scope == "batch":
            return self.trace
        if form is not Stepwise:
            return None
        weight = self.cell.linear.weight
        return weight.new_zeros(window.batch, *reversed(weight.shape))

    def _implicit(self, window: Window) -> bool:
        """Whether to use an implicit form: as `form` says, else if it is cheaper; only where it is exact."""
        p, (neurons, inputs) = self.cell.p, self.cell.linear.weight.shape
        if self.form == "stepwise":
            return False
        if self.form == "auto":
            if p.trace_scope == "batch" and window.static_steps:
                cheaper = window.batch < 2 * inputs
            elif p.trace_scope == "batch":
                samples = window.steps * window.batch
                cheaper = samples * (3 * inputs + 4 * neurons) < 8 * inputs * neurons
            else:
                cheaper = window.static_steps > 0 or window.steps < inputs * neurons
            if not cheaper:
                return False
        return self._cannot_clamp(window)

    @torch.no_grad()
    def _cannot_clamp(self, window: Window) -> bool:
        """Whether an upper bound of the trace over this window is below the clamp."""
        p = self.cell.p
        if p.trace_bound == math.inf:
            return True
        sizes, rates = window.values.abs(), self.cell.rate.abs()
        shared = p.trace_scope == "batch"
        increment = float(((sizes.mean(-2) if shared else sizes) * rates).max())
        increment *= post_ceiling(p.post, self.cell.offset)
        scales = [p.trace_scale(step) for step in range(window.steps)]
        for start in self._sizes_of_trace() if shared else (0.0,):
            highest, self._size_after = ceiling(start, increment, scales, p.trace_decay)
            if highest < p.trace_bound:
                return True
        return False

    def _sizes_of_trace(self) -> Iterator[float]:
        """Upper bounds of abs(P): the one that the last window left, if it holds; then the lowest."""
        if self._size is not None and self._size.holds(self.trace):
            yield self._size.bound
        yield max(abs(float(one)) for one in self.trace.aminmax())


class _Whole(NamedTuple):
    """W + α P, and the places and versions of its parts."""

    weight: Tensor
    versions: tuple[tuple[int, int], ...]


class _Size(NamedTuple):
    """An upper bound of the absolute entries of a tensor, as it was at some version."""

    bound: float
    tensor: Tensor
    version: int

    def holds(self, tensor: Tensor) -> bool:
        """Whether it is a bound of this tensor as it is now."""
        return tensor is self.tensor and tensor._version == self.version

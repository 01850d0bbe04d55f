"""A shared trace that goes on through a test stream, sample by sample, as a deployed network's would.

Sample i is answered with the trace P_i, which is constant while it is shown; then the sample moves it:

    I(t) = d_t W x(t) + b + α e_t P_i^T x(t) + R s(t−1)
    P_{i+1} = clamp(δ P_i + γ Σ_t λ^(T−1−t) (r ∘ e_t x(t)) g(t)^T, ±bound)

so that an answer depends on earlier samples alone, and on no division of the stream into batches. The sum is
what a window of T steps adds to an empty trace in training. δ is the share of the trace that is left after a
sample. With γ = (1 − δ)/(1 − λ^T) the trace is a moving average over samples, whose mean does not depend on
δ: δ = λ^T, γ = 1 is the trace of training, δ = 1 a frozen one. Notation as in `HybridParameters`; R are
recurrent weights.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.plasticity.trace import post_factor
from hpbench.spiking.fused import layer
from hpbench.spiking.fused.library import usable
from hpbench.spiking.hybrid.conv_cell import HybridConvCell
from hpbench.spiking.hybrid.loop import Drive
from hpbench.spiking.hybrid.step import Ahead, Local, current_of
from hpbench.spiking.hybrid.synapses import fed_forward
from hpbench.spiking.parameters import HybridParameters
from hpbench.spiking.window import Window


class Carry(NamedTuple):
    """How a sample moves the trace: δ; γ; λ^(T−1−t) e_t for each step, (T,); the bound."""

    share: float
    gain: float
    factors: Tensor
    bound: float

    def move(self, trace: Tensor, pre: Tensor, post: Tensor) -> None:
        """P_i becomes P_{i+1}, in place.

        `trace` is (n, m), `post` g, (T, L, m), `pre` r ∘ x, (T, L, n), or (1, L, n) if constant. The L places
        of a convolution, 1 in a dense layer, contribute their mean.
        """
        weighted = post * self.factors[:, None, None]
        if len(pre) == 1:
            weighted = weighted.sum(0, keepdim=True)
        gain = self.gain / post.shape[1]
        trace.addmm_(pre.flatten(0, 1).T, weighted.flatten(0, 1), beta=self.share, alpha=gain)
        trace.clamp_(-self.bound, self.bound)


def carry(p: HybridParameters, steps: int, share: float | None, like: Tensor) -> Carry:
    """What moves the trace of windows of T `steps`, in the precision of `like`; a `share` of None is δ = λ^T.

    Raises InputError for another share with λ = 1, where a trace has no mean.
    """
    trained = p.trace_decay**steps
    scales = [p.trace_decay ** (steps - 1 - step) * p.trace_scale(step) for step in range(steps)]
    left, gain = trained, 1.0
    if share is not None and share != trained:
        if trained == 1:
            raise InputError(
                f"trace_decay_at_test={share:g} with trace_decay={p.trace_decay:g}: a trace that does not "
                "decay in training has no mean to keep; leave it out, or set a trace_decay below 1"
            )
        left, gain = share, (1 - share) / (1 - trained)
    return Carry(left, gain, like.new_tensor(scales), p.trace_bound)


@torch.no_grad()
def streamed(drive: Drive, steps: int, p: HybridParameters, share: float | None) -> tuple[Tensor, Tensor]:
    """Spikes and membranes (T, B, m) of a dense layer for B samples in their order; not differentiable.

    `drive.trace` is P_i of the first, and becomes that of the sample after the last, in place.
    """
    values, alpha, rate, offset, trace = drive.values, drive.alpha, drive.rate, drive.offset, drive.trace
    assert alpha is not None and rate is not None and offset is not None and trace is not None
    assert drive.weight is not None
    moving = carry(p, steps, share, trace)
    ahead = fed_forward(values, drive.weight)
    shown = values.unsqueeze(0) if drive.static else values
    alike = p.weight_decay_on == "input"  # d_t equals e_t
    fused = alike and drive.recurrent is None and usable(steps * ahead.numel(), ahead, drive.bias, neuron=p)
    spikes = ahead.new_empty(steps, *ahead.shape[-2:])
    membranes = torch.empty_like(spikes)
    for sample in range(spikes.shape[1]):
        one = slice(sample, sample + 1)
        fed, seen = ahead[..., one, :], shown[:, one]
        read = seen[0] @ trace if drive.static else seen @ trace
        rooms = membranes[:, one], spikes[:, one]
        if fused:
            fired = layer.forward(p, steps, drive.bias, fed + alpha * read, keep=True)
            spikes[:, one], membranes[:, one] = fired
        elif alike:
            _advance(drive, fed + alpha * read, None, p, rooms)
        else:
            _advance(drive, fed, read, p, rooms)
        post = post_factor(p.post, *rooms, p.threshold, offset)
        moving.move(trace, seen * rate, post)
    return spikes, membranes


def _advance(
    drive: Drive, ahead: Tensor, read: Tensor | None, p: HybridParameters, rooms: tuple[Tensor, Tensor]
) -> None:
    """One sample's neurons over all steps, written to membranes and spikes (T, 1, m).

    W x and P^T x, None for none, are (1, m) if constant, or (T, 1, m).
    """
    neurons = p.neuron.rest(rooms[0][0])
    for step, (membrane, spikes) in enumerate(zip(*rooms, strict=True)):
        fed, seen = (one if one is None or drive.static else one[step] for one in (ahead, read))
        assert fed is not None
        local = None if seen is None or drive.alpha is None else Local(drive.alpha, seen, p.trace_scale(step))
        current = current_of(Ahead(drive.bias, fed, p.weight_scale(step)), local)
        if drive.recurrent is not None:
            current = torch.addmm(current, neurons.spikes, drive.recurrent.T)
        neurons = p.neuron.step(current, neurons, p)
        membrane.copy_(neurons.membrane)
        spikes.copy_(neurons.spikes)


@torch.no_grad()
def streamed_places(
    cell: HybridConvCell, window: Window, trace: Tensor, share: float | None
) -> Iterator[Tensor]:
    """Spikes (T, 1, C_out, H', W') of a convolutional layer for each sample; see `streamed`."""
    p = cell.p
    moving = carry(p, window.steps, share, trace)
    for sample in range(window.batch):
        one = slice(sample, sample + 1)
        values = window.values[one] if window.static_steps else window.values[:, one]
        each = window._replace(values=values).each_step()
        state = cell.initial_state(each[0])._replace(trace=trace)
        membranes, spikes, seen = [], [], []
        for shown in each:
            patches = cell.patches(shown)
            ahead, local = cell.currents_of(cell.conv(shown), patches, state)
            assert local is not None
            state = cell.advance_by(ahead + local, None, state)
            membranes.append(state.membrane)
            spikes.append(state.spikes)
            seen.append(patches)
        fired = torch.stack(spikes)
        by_place = [found[:, 0].flatten(2).mT for found in (torch.stack(membranes), fired)]
        post = post_factor(p.post, by_place[0], by_place[1], p.threshold, cell.offset)
        moving.move(trace, torch.cat(seen) * cell.rate, post)
        yield fired

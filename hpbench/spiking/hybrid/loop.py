"""The time loop of an HP layer, with its backward pass written out.

Forward in time, after W x and all else that does not depend on the loop (R are the recurrent weights, read(t)
= P(t−1)^T x(t)):

    I(t) = d_t W x(t) + b + α e_t read(t) + R s(t−1),  u(t), s(t) by the neuron,  g(t) by the post factor

Backward in time, with ∂ the gradient of the loss: ∂g(t) from the local path (the trace's part, see `forms`);
∂u(t) and ∂s(t) from later layers, from g(t) and from step t+1; then, through the surrogate, ∂I(t), from which
all others follow. Autograd would do the same, recording every step. Where the gradient itself is
differentiated (Eq. 10), and for neurons other than LIF, the loop is run under autograd.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from hpbench.plasticity.trace import post_adjoint, post_factor, tanh_
from hpbench.spiking import neuron
from hpbench.spiking.fused.library import usable
from hpbench.spiking.fused.step import Backward, Forward
from hpbench.spiking.hybrid.forms.local_path import LocalPath, Source
from hpbench.spiking.hybrid.product import product
from hpbench.spiking.hybrid.step import Ahead, Given, Local, adjoint, current_of
from hpbench.spiking.hybrid.synapses import fed_forward
from hpbench.spiking.neurons.lif import Lif, LifState
from hpbench.spiking.parameters import HybridParameters


class Plan(NamedTuple):
    """The non-differentiable arguments of a window: constants; T; the algorithm (form) of the local path, or
    None; whether to return the membranes of all steps, or of the last one."""

    p: HybridParameters
    steps: int
    form: type[LocalPath] | None
    keep_membranes: bool


class Drive(NamedTuple):
    """The tensors of a window: x, (B, n) if constant or (T, B, n); W, (m, n); b, (m,); recurrent weights,
    (m, m), or None; and, None without a trace, α, one or (m,); r, (n,); the offset of the post factor,
    (m,); P_0 as in `Source`, without a gradient. Without a trace W x, (…, m), may be given in place of x,
    with None for W."""

    values: Tensor
    weight: Tensor | None
    bias: Tensor
    recurrent: Tensor | None = None
    alpha: Tensor | None = None
    rate: Tensor | None = None
    offset: Tensor | None = None
    trace: Tensor | None = None

    @property
    def static(self) -> bool:
        """Whether the input is constant."""
        return self.values.ndim == 2


class Rooms(NamedTuple):
    """Output tensors for membranes, spikes and post factors of all steps, each (T, B, m)."""

    membranes: Tensor
    spikes: Tensor
    posts: Tensor


def unroll(plan: Plan, drive: Drive) -> tuple[Tensor, Tensor, Tensor | None]:
    """Spikes (T, B, m); membranes (T, B, m), or (1, B, m) of the last step; the shared trace after the
    window, (n, m), if it was updated."""
    # The adjoint is that of LIF; torch.compile fuses a recorded loop, but not ours.
    if not isinstance(plan.p.neuron, Lif) or torch.compiler.is_compiling():
        return recorded(plan, drive)
    spikes, membranes, trace = _Unrolled.apply(plan, *drive)
    return spikes, membranes, trace


def recorded(plan: Plan, drive: Drive) -> tuple[Tensor, Tensor, Tensor | None]:
    """The same result as `unroll`, recorded by autograd step by step."""
    path = local_path(plan, drive)
    ahead = drive.values
    if drive.weight is not None:
        ahead = torch.matmul(drive.values, drive.weight.T).to(drive.bias.dtype)
    spikes, membranes, posts = _run(plan, drive, path, ahead)
    with torch.no_grad():
        trace = None if path is None or not path.learns else path.last_trace(torch.stack(posts))
    kept = membranes if plan.keep_membranes else membranes[-1:]
    return torch.stack(spikes), torch.stack(kept), trace if trace is None else trace.detach()


def local_path(plan: Plan, drive: Drive) -> LocalPath | None:
    """The local path of a window, None without a trace."""
    if plan.form is None or drive.rate is None:
        return None
    p = plan.p
    scales = tuple(p.trace_scale(step) for step in range(plan.steps))
    source = Source(
        drive.values, drive.rate, drive.trace, scales, p.trace_decay, p.trace_bound, len(drive.bias)
    )
    return plan.form(source)


def _run(
    plan: Plan, drive: Drive, path: LocalPath | None, ahead: Tensor, rooms: Rooms | None = None
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Spikes, membranes, post factors of all steps; written to `rooms`, or else recorded by autograd."""
    p, alpha, offset, recurrent = plan.p, drive.alpha, drive.offset, drive.recurrent
    all_spikes, membranes, posts = list[Tensor](), list[Tensor](), list[Tensor]()
    each = [ahead] * plan.steps if drive.static else ahead.unbind()
    into = None if rooms is None else [one.unbind() for one in rooms]
    sliding = path is not None and path.learns and p.post == "tanh_sliding"
    fused: Forward | None = None
    if rooms is not None and _fused(plan, drive, ahead):
        last = (drive.offset, rooms.posts) if sliding and drive.offset is not None else None
        fused = Forward(p, drive.bias, ahead, alpha if path is not None else None, rooms[:2], last)
    state = p.neuron.rest(each[0])
    if path is not None:
        path.begin()
    for step, values in enumerate(each):
        read = None if path is None or alpha is None else path.read(step)
        if fused is not None and into is not None:
            fused.step(step, read)
            state = LifState(into[0][step], into[1][step])
        else:
            fed = Ahead(drive.bias, values, p.weight_scale(step))
            local = None if read is None or alpha is None else Local(alpha, read, p.trace_scale(step))
            current = current_of(fed, local)
            if recurrent is not None:
                current = torch.addmm(current, state.spikes, recurrent.T)
            if into is None:
                state = p.neuron.step(current, state, p)
            else:
                room_for = into[0][step], into[1][step]
                state = LifState(*neuron.advance(current, state.membrane, state.spikes, p, room_for))
        if path is not None and path.learns and offset is not None:
            room = None if into is None else into[2][step]
            if fused is not None and sliding and room is not None:
                posts.append(tanh_(room))
            else:
                seen = state.membrane, state.spikes
                posts.append(post_factor(p.post, *seen, p.threshold, offset, room))
            path.write(step, posts if rooms is None else rooms.posts)
        all_spikes.append(state.spikes)
        membranes.append(state.membrane)
    return all_spikes, membranes, posts


def _fused(plan: Plan, drive: Drive, ahead: Tensor) -> bool:
    """Whether the compiled kernels can do a step of this layer: not with recurrent connections."""
    read = [one for one in (drive.bias, drive.alpha, drive.offset, ahead) if one is not None]
    entries = plan.steps * ahead.shape[-2:].numel()
    return (
        drive.recurrent is None
        and all(one.is_contiguous() for one in read)
        and usable(entries, *read, neuron=plan.p)
    )


class _Unrolled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, plan: Plan, *inputs: Tensor | None) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        drive = Drive(*inputs)  # type: ignore[arg-type]
        bias, differentiated = drive.bias, any(ctx.needs_input_grad)
        ahead = drive.values if drive.weight is None else fed_forward(drive.values, drive.weight)
        path = local_path(plan, drive)

        def room(*, whole: bool) -> Tensor:
            shape = ahead.shape[-2:]
            return bias.new_empty(plan.steps if whole else 1, *shape).expand(plan.steps, *shape)

        rooms = Rooms(
            room(whole=differentiated or plan.keep_membranes),
            room(whole=True),
            room(whole=path is not None and path.learns),
        )
        with torch.autocast(bias.device.type, enabled=False):
            _run(plan, drive, path, ahead, rooms)
            trace = None if path is None else path.last_trace(rooms.posts)
        membranes = rooms.membranes if plan.keep_membranes else rooms.membranes[-1:].clone()
        ctx.plan = plan
        ctx.set_materialize_grads(False)
        if trace is not None:
            ctx.mark_non_differentiable(trace)
        ctx.save_for_backward(*inputs, *rooms, *(() if path is None else path.kept))
        return rooms.spikes, membranes, trace

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        plan, saved, width = ctx.plan, ctx.saved_tensors, len(Drive._fields)
        drive, rooms, kept = Drive(*saved[:width]), Rooms(*saved[width : width + 3]), saved[width + 3 :]
        with torch.autocast(drive.bias.device.type, enabled=False):
            if torch.is_grad_enabled():
                return None, *_again(plan, drive, gradients[0], gradients[1])
            path = local_path(plan, drive)
            if path is not None:
                path.resume(list(kept), rooms.posts)
            return None, *_backward(plan, drive, path, rooms, gradients[0], gradients[1])


def _again(
    plan: Plan, drive: Drive, from_spikes: Tensor | None, from_membranes: Tensor | None
) -> list[Tensor | None]:
    """Gradients of the drive, themselves differentiable."""
    spikes, membranes, _ = recorded(plan, drive)
    ends = [(spikes, from_spikes), (membranes, from_membranes)]
    reached = [one for one, gradient in ends if gradient is not None]
    given = [gradient for _, gradient in ends if gradient is not None]
    wanted = [one for one in drive if one is not None and one.requires_grad]
    found = torch.autograd.grad(reached, wanted, given, create_graph=True, allow_unused=True)
    rest = iter(found)
    return [next(rest) if one is not None and one.requires_grad else None for one in drive]


def _backward(
    plan: Plan,
    drive: Drive,
    path: LocalPath | None,
    rooms: Rooms,
    from_spikes: Tensor | None,
    from_membranes: Tensor | None,
) -> Drive:
    """Gradients of the drive."""
    p, alpha, offset, recurrent = plan.p, drive.alpha, drive.offset, drive.recurrent
    nothing = torch.zeros_like(rooms.spikes[0])
    to_ahead = torch.zeros_like(nothing) if drive.static else torch.empty_like(rooms.spikes)
    to_currents, to_alphas = torch.zeros_like(nothing), torch.zeros_like(nothing)
    to_offset, to_recurrent = (None if one is None else torch.zeros_like(one) for one in (offset, recurrent))
    steps = list(zip(rooms.membranes.unbind(), rooms.spikes.unbind(), rooms.posts.unbind(), strict=True))
    each_from_spikes = [nothing] * plan.steps if from_spikes is None else from_spikes.unbind()
    gains = None if alpha is None else _gains(alpha, plan)
    fused: Backward | None = None
    if _fused(plan, drive, to_ahead):
        fused = Backward(p, rooms.membranes, from_spikes, from_membranes, to_ahead, gains)
    later: Tensor | None = None
    for step, (membrane, spikes, post) in reversed(list(enumerate(steps))):
        if later is not None and to_recurrent is not None:
            to_recurrent.add_(product(later.T, spikes), alpha=p.current_gain)
        inner: Tensor | None = None
        fired: Tensor | None = None
        to_post = None if path is None else path.to_post(step)
        if to_post is not None and offset is not None and to_offset is not None:
            inner, fired, moved = post_adjoint(p.post, to_post, post, offset)
            to_offset += moved
        if fused is not None:
            later, to_current, to_read = fused.step(step, inner, fired)
        else:
            from_membrane: Tensor | None = None
            if from_membranes is not None and (plan.keep_membranes or step == plan.steps - 1):
                from_membrane = from_membranes[step if plan.keep_membranes else 0]
            given = Given(each_from_spikes[step], later, membrane, spikes, inner, fired, from_membrane)
            place = to_ahead if drive.static else to_ahead[step]
            gain = None if gains is None else gains[step]
            later, to_current, to_read = adjoint(
                p, given, p.weight_scale(step), place, drive.static, gain, recurrent
            )
        to_currents += to_current
        if path is not None and to_read is not None:
            to_alphas.addcmul_(to_current, path.read(step), value=p.trace_scale(step))
            path.from_read(step, to_read)
    to_bias = to_currents.sum(0)
    to_values: Tensor | None = to_ahead
    to_weight: Tensor | None = None
    if drive.weight is not None:
        to_weight = product(to_ahead.flatten(0, -2).T, drive.values.flatten(0, -2))
        to_values = product(to_ahead, drive.weight) if drive.values.requires_grad else None
    to_alpha = to_rate = None
    if path is not None and alpha is not None:
        to_alpha = to_alphas.sum(0) if alpha.ndim else to_alphas.sum()
        to_values, to_rate = path.gradients(to_values)
    return Drive(to_values, to_weight, to_bias, to_recurrent, to_alpha, to_rate, to_offset)  # type: ignore[arg-type]


def _gains(alpha: Tensor, plan: Plan) -> tuple[Tensor, ...]:
    """α e_t for every step, one or (m,) each; in one tensor, which saves a copy per step."""
    scales = alpha.new_tensor([plan.p.trace_scale(step) for step in range(plan.steps)])
    return torch.tensordot(scales, alpha, 0).unbind()

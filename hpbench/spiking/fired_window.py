"""Neurons with given currents over a whole window; the backward pass of the time loop is written out.

For layers whose currents are known beforehand (no Hebbian trace, no recurrence), as convolutions with a norm.
The LIF neuron is that of Eqs. 2 and 6-8 (Wu et al., Nat. Commun. 13:65, 2022); where the gradient itself is
to be differentiated (Eq. 10), the loop is run again under autograd, as it is for other neurons. Where the
compiled kernels can be used (`hpbench.spiking.fused`), they do the work; the plain form, in torch's
operations, has the same results to the last bit.
"""

from typing import Any

import torch
from torch import Tensor

from hpbench.spiking import neuron
from hpbench.spiking.fused import window
from hpbench.spiking.fused.library import usable
from hpbench.spiking.neurons.lif import Lif
from hpbench.spiking.parameters import HybridParameters


def fired(currents: Tensor, steps: int, p: HybridParameters) -> Tensor:
    """Spikes (T, …) of neurons with currents (T, …), or one constant current (1, …) for T = `steps` steps."""
    if torch.compiler.is_compiling() or not isinstance(p.neuron, Lif):
        return recorded(currents, steps, p)
    spikes: Tensor = _Fired.apply(currents, steps, p)[0]
    return spikes


def recorded(currents: Tensor, steps: int, p: HybridParameters) -> Tensor:
    """The same result as `fired`, recorded by autograd step by step."""
    state = p.neuron.rest(currents[0])
    fired_at = []
    for current in _each(currents, steps):
        state = p.neuron.step(current, state, p)
        fired_at.append(state.spikes)
    return torch.stack(fired_at)


def _each(currents: Tensor, steps: int) -> list[Tensor]:
    return [currents[0]] * steps if len(currents) == 1 else list(currents.unbind())


class _Fired(torch.autograd.Function):
    @staticmethod
    def forward(  # type: ignore[override]
        currents: Tensor, steps: int, p: HybridParameters
    ) -> tuple[Tensor, Tensor | None]:
        """Spikes; and raised membranes, unless the kernels are used, which compute them again."""
        if usable(steps * currents[0].numel(), currents, neuron=p):
            return window.forward(currents, steps, p), None
        spikes = currents.new_empty((steps, *currents.shape[1:]))
        raised = torch.empty_like(spikes)
        before = torch.zeros_like(currents[0]), torch.zeros_like(currents[0])
        for step, current in enumerate(_each(currents, steps)):
            before = neuron.advance(current, *before, p, (raised[step], spikes[step]))
        return spikes, raised

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor | None]) -> None:
        currents, ctx.steps, ctx.p = inputs
        spikes, raised = output
        if raised is None:
            ctx.save_for_backward(currents)
            return
        ctx.mark_non_differentiable(raised)
        ctx.save_for_backward(currents, raised, spikes)

    @staticmethod
    def vmap(  # type: ignore[override]
        info: Any, in_dims: tuple[int, None, None], currents: Tensor, steps: int, p: HybridParameters
    ) -> tuple[tuple[Tensor, Tensor | None], tuple[int, int | None]]:
        # Neurons are independent, so the mapped dimension can be treated as one more of theirs.
        spikes, raised = _Fired.apply(currents.movedim(in_dims[0], 1), steps, p)
        return (spikes, raised), (1, None if raised is None else 1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, _: Tensor) -> tuple[Tensor | None, None, None]:  # type: ignore[override]
        steps, p, (currents, *kept) = ctx.steps, ctx.p, ctx.saved_tensors
        if torch.is_grad_enabled():
            again = recorded(currents, steps, p)
            (found,) = torch.autograd.grad(again, currents, gradient, create_graph=True)
            return found, None, None
        if not kept:
            return window.backward(gradient, currents, steps, p), None, None
        raised, spikes = kept
        held = len(currents) == 1
        pulled = torch.zeros_like(currents) if held else torch.empty_like(currents)
        later: Tensor | None = None
        for step in reversed(range(steps)):
            onto = gradient[step]
            if later is not None:
                onto = neuron.reset_to_spikes(onto, later, raised[step], p)
            to_membrane = neuron.through_spike(onto, raised[step], p)
            if later is not None:
                to_membrane = neuron.reset_to_membrane(to_membrane, later, spikes[step], p)
            if held:
                pulled[0].add_(to_membrane, alpha=p.current_gain)
            else:
                torch.mul(to_membrane, p.current_gain, out=pulled[step])
            later = to_membrane
        return pulled, None, None

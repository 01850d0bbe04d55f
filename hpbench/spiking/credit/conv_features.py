"""Spiking convolutional features whose hidden layers learn without backpropagation through each other."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hpbench.spiking.conv_features import SpikingConvFeatures, by_step
from hpbench.spiking.credit.eligibility import Exponential, filtered_back
from hpbench.spiking.credit.feedback import broadcast, from_outputs
from hpbench.spiking.parameters import HybridParameters
from hpbench.spiking.surrogate import SURROGATES


class CreditConvFeatures(SpikingConvFeatures):
    """Features (B, n), whose error ∂r reaches each hidden layer at once: ∂s_l(t) = ∂r B_l / T.

    B_l, (n, m_l), is fixed and random. `dfa`: what a layer makes of the error of its spikes is
    backpropagation through its own steps and norm (Nøkland, NeurIPS 2016). `eprop`: a synapse has its
    eligibility alone, ψ(t) Σ_{t'≤t} k^{t−t'} x(t'), as in Bellec et al. 2020, and resets pass no error; so in
    the last layer, too, where the error comes from the features themselves. `size` is the shape (C, H, W) of
    an image; then come, after the channels, the arguments of `SpikingConvFeatures`, which the network is in
    evaluation.
    """

    def __init__(
        self, rule: str, size: Sequence[int], *arguments: Any, integrates: bool = False, **others: Any
    ) -> None:
        super().__init__(size[0], *arguments, integrates=integrates, **others)
        if rule == "eprop":
            for layer in list(self.layers)[: -1 if integrates else None]:
                layer.fired = eligible  # type: ignore[assignment]
        with torch.no_grad():
            shown = torch.zeros(1, 1, *size)
            widths = []
            for layer in self.layers.eval():
                shown = layer(shown)
                widths.append(shown[0].numel())
        self.train()
        for number, width in enumerate(widths[:-1]):
            self.register_buffer(f"matrix_{number}", from_outputs(widths[-1], width))

    def forward(self, images: Tensor) -> Tensor:
        """Features (B, n)."""
        if not (self.training and torch.is_grad_enabled()):
            return super().forward(images)
        values = by_step(images)
        reached: list[Tensor] = []
        *hidden, last = self.layers
        for layer in hidden:
            values = layer(values)
            reached.append(values.mean(0, keepdim=True))
            values = values.detach()
        rates = last(values).mean(0, keepdim=True).flatten(2)
        matrices = [self.get_buffer(f"matrix_{number}") for number in range(len(reached))]
        return broadcast(rates, reached, matrices).squeeze(0)


def eligible(currents: Tensor, steps: int, p: HybridParameters) -> Tensor:
    """As `hpbench.spiking.fired_window.fired` of LIF neurons; the gradient is that of eligibility traces.

    ∂I(t) = c Σ_{t'≥t} k^{t'−t} ψ(t') ∂s(t'): the sum Σ_t L(t) ψ(t) z(t) of e-prop, z the inputs filtered by
    the membrane's decay, taken apart so that a layer's own product with its inputs remains.
    """
    spikes: Tensor = _Eligible.apply(currents, steps, p)
    return spikes


class _Eligible(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, currents: Tensor, steps: int, p: HybridParameters) -> Tensor:  # type: ignore[override]
        state, spikes, distances = p.neuron.rest(currents[0]), [], []
        for step in range(steps):
            state = p.neuron.step(currents[min(step, len(currents) - 1)], state, p)
            spikes.append(state.spikes)
            distances.append(state.membrane - p.neuron.threshold(state, p))
        ctx.p, ctx.constant = p, len(currents) == 1
        ctx.save_for_backward(torch.stack(distances))
        return torch.stack(spikes)

    @staticmethod
    def backward(ctx: Any, error: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[override]
        (distances,) = ctx.saved_tensors
        p: HybridParameters = ctx.p
        post = SURROGATES[p.surrogate].pull(error * p.current_gain, distances, 0.0)
        found = filtered_back(post, (Exponential(1.0, p.membrane_decay),))
        return (found.sum(0, keepdim=True) if ctx.constant else found), None, None

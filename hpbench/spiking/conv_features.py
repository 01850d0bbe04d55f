"""A spiking convolutional network as a feature extractor: images in, firing rates or membranes out.

Every layer is a convolution, a batch norm of its currents over batch, time and place, and the neuron of Eqs.
2 and 6-8 (Wu et al., Nat. Commun. 13:65, 2022). An image is a constant current for T steps, so that the
first convolution is computed once. After "conv-4" of Vinyals et al., NeurIPS 2016; with strides in place of
pooling as in the HP authors' few-shot network, or with pooled currents.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from hpbench.operations.layer import Operations
from hpbench.operations.synapses import are_spikes, needed, reached, silence
from hpbench.spiking.fired_window import fired
from hpbench.spiking.parameters import HybridParameters


class SpikingConvLayer(torch.nn.Module):
    """3x3 convolution, norm and neurons: spikes or values (T, B, C, H, W) to spikes (T, B, C', H', W').

    Height and width are halved: by a stride, rounded up, or by max pooling of 2x2 currents, rounded down.
    An input (1, B, …) is constant over the T steps.
    """

    def __init__(self, channels: int, filters: int, down: str, steps: int, p: HybridParameters) -> None:
        super().__init__()
        stride = 2 if down == "stride" else 1
        self.conv = torch.nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False)
        self.norm = torch.nn.BatchNorm2d(filters)
        self.pool = torch.nn.MaxPool2d(2) if down == "pool" else torch.nn.Identity()
        self.steps = steps
        self.p = p
        self.fired = fired
        """The neurons over a window; their backward pass is what a learning rule says it is."""

    def forward(self, values: Tensor) -> Tensor:
        """Spikes of all steps."""
        currents = self.pool(self.norm(self.conv(values.flatten(0, 1))))
        # Channels last, as the convolution leaves them in memory: views, no copies.
        window = currents.permute(0, 2, 3, 1).unflatten(0, values.shape[:2])
        return self.fired(window, self.steps, self.p).permute(0, 1, 4, 2, 3)

    def operations(self, spikes: Tensor, values: Tensor) -> Operations:
        """Operations of one forward pass; a constant input counts at every time step."""
        shown, times = values.flatten(0, 1), self.steps if len(values) == 1 else 1
        accumulates, multiply_accumulates = needed(reached(shown, self.conv) * times, are_spikes(shown))
        return Operations(
            samples=values.shape[1],
            dense=reached(torch.ones_like(shown), self.conv) * times,
            accumulates=accumulates,
            multiply_accumulates=multiply_accumulates,
            silent=silence(spikes),
            neuron_steps=spikes.numel(),
            places=True,
        )


class IntegratingConvLayer(SpikingConvLayer):
    """The same, with neurons that only integrate: spikes to (1, B, C', H', W'), their mean current above 0.

    The mean over the T steps is that of perfect integrators without threshold, divided by T. The convolution
    is linear, so that it is computed once, of the mean input.
    """

    def forward(self, values: Tensor) -> Tensor:
        """Mean currents after the norm, [·]₊."""
        return torch.relu(self.pool(self.norm(self.conv(values.mean(0))))).unsqueeze(0)


def by_step(images: Tensor) -> Tensor:
    """Images (B, C, H, W) as (1, B, C, H, W), frames (B, T, C, H, W) as (T, B, C, H, W)."""
    return images.transpose(0, 1) if images.ndim == 5 else images.unsqueeze(0)


class SpikingConvFeatures(torch.nn.Module):
    """Images (B, C, H, W) to rates (B, n): the share of T steps in which a neuron of the last layer fired.

    An image is shown for all T steps; frames of events (B, T, P, H, W) have an input for each. `filters` are
    the layers' numbers of filters; `down` says how each halves height and width: "stride" or "pool". With
    `integrates`, the neurons of the last layer do not fire: features are their mean currents, if above 0.
    """

    def __init__(
        self,
        channels: int,
        filters: Sequence[int],
        steps: int,
        p: HybridParameters,
        down: str = "stride",
        *,
        integrates: bool = False,
    ) -> None:
        super().__init__()
        widths = list(pairwise([channels, *filters]))
        kinds = [SpikingConvLayer] * len(widths)
        if integrates:
            kinds[-1] = IntegratingConvLayer
        self.layers = torch.nn.Sequential(
            *(kind(*width, down, steps, p.checked()) for kind, width in zip(kinds, widths, strict=True))
        )
        self.steps = steps

    def forward(self, images: Tensor) -> Tensor:
        """Rates (B, n)."""
        rates: Tensor = self.layers(by_step(images)).mean(0)
        return rates.flatten(1)

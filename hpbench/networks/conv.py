"""Real-valued convolutional feature networks: conv-4 as in the spiking one, and the HP authors' network."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.operations.layer import Operations
from hpbench.operations.synapses import are_spikes, needed, reached, silence


class FeatureConvolution(torch.nn.Conv2d):
    """A convolution whose neurons stand behind a norm, or are graded: none of them is silent by itself."""

    def operations(self, output: Tensor, values: Tensor) -> Operations:
        """Of one pass of values (B, C, H, W)."""
        accumulates, multiply_accumulates = needed(reached(values, self), are_spikes(values))
        return Operations(
            samples=len(values),
            dense=reached(torch.ones_like(values), self),
            accumulates=accumulates,
            multiply_accumulates=multiply_accumulates,
            places=True,
        )


class Rectifiers(torch.nn.ReLU):
    """The ReLU neurons of the convolution before them."""

    def activity(self, output: Tensor, values: Tensor) -> Operations:
        """Neurons, and those at 0."""
        return Operations(silent=silence(output), neuron_steps=output.numel())


class ConvFeatures(torch.nn.Sequential):
    """conv-4 of Vinyals et al., NeurIPS 2016: images (B, C, H, W) to features (B, n).

    Each layer is a 3x3 convolution, a batch norm and ReLU; it halves height and width by its stride
    (`down="stride"`) or by a 2x2 max pool (`down="pool"`, as published).
    """

    def __init__(self, channels: int, filters: Sequence[int], down: str) -> None:
        parts: list[torch.nn.Module] = []
        for one, other in pairwise([channels, *filters]):
            stride = 2 if down == "stride" else 1
            parts += [
                FeatureConvolution(one, other, 3, stride, padding=1, bias=False),
                torch.nn.BatchNorm2d(other),
            ]
            parts += [Rectifiers()] + ([torch.nn.MaxPool2d(2)] if down == "pool" else [])
        super().__init__(*parts, torch.nn.Flatten())


class TanhFeatures(torch.nn.Sequential):
    """The few-shot network of the authors of HP: 31x31 pixels, strided 3x3 convolutions, tanh, no norm.

    Images (B, C, H, W) of at most 31x31 pixels are padded with 0. Source: Wu et al., Nat. Commun. 13:65
    (2022), released code: four layers of 128.
    """

    SIDE = 31

    def __init__(self, channels: int, filters: Sequence[int]) -> None:
        parts: list[torch.nn.Module] = []
        for one, other in pairwise([channels, *filters]):
            parts += [FeatureConvolution(one, other, 3, 2), torch.nn.Tanh()]
        super().__init__(*parts, torch.nn.Flatten())

    def forward(self, images: Tensor) -> Tensor:
        """Features (B, n). Raises InputError for larger images."""
        if max(images.shape[2:]) > self.SIDE:
            raise InputError(
                f"the tanh network takes images of at most {self.SIDE}x{self.SIDE} pixels, not "
                f"{images.shape[2]}x{images.shape[3]}: choose another strategy.network"
            )
        high, wide = (self.SIDE - side for side in images.shape[2:])
        padded = torch.nn.functional.pad(images, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
        return super().forward(padded)

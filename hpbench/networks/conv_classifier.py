"""The real-valued twin of the spiking convolutional networks."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import torch
from torch import Tensor

from hpbench.spiking.network import Convolution


class ConvClassifier(torch.nn.Sequential):
    """Convolutions and dense layers with ReLU: input (B, …) of `shape` (C, H, W) in all, output (B, K)."""

    def __init__(
        self, shape: Sequence[int], convolutions: Sequence[Convolution], hidden: Sequence[int], outputs: int
    ) -> None:
        seen = tuple(shape)
        layers: list[torch.nn.Module] = [torch.nn.Flatten(), torch.nn.Unflatten(1, seen)]
        for one in convolutions:
            layers += [
                torch.nn.Conv2d(seen[0], one.kernels, one.kernel_size, one.stride, one.kernel_size // 2),
                torch.nn.ReLU(),
            ]
            seen = one.shape_after(seen)
        layers.append(torch.nn.Flatten())
        for inputs, neurons in pairwise([prod(seen), *hidden, outputs]):
            layers += [torch.nn.Linear(inputs, neurons), torch.nn.ReLU()]
        super().__init__(*layers[:-1])

    def forward(self, inputs: Tensor) -> Tensor:
        """Class scores (B, K)."""
        return super().forward(inputs)

    def facts(self) -> dict[str, object]:
        """What a row says of this network."""
        return {"network": "ann"}

"""The real-valued counterpart of the spiking networks."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import torch
from torch import Tensor

from hpbench.spiking.network import Convolution


class DenseNetwork(torch.nn.Sequential):
    """A multilayer perceptron with ReLU: input (B, …), output (B, K). Its inputs are values, not spikes.

    `convolutions`, also with ReLU, come first and take the input as an `image`, (C, H, W); the first of
    `widths` is then ignored. In training, the share `dropout` of the inputs of every convolution but the
    first is left out.
    """

    def __init__(
        self,
        widths: Sequence[int],
        convolutions: Sequence[Convolution] = (),
        image: Sequence[int] = (),
        dropout: float = 0.0,
    ) -> None:
        layers: list[torch.nn.Module] = [torch.nn.Flatten()]
        entering = widths[0]
        if convolutions:
            seen = tuple(image)
            layers.append(torch.nn.Unflatten(1, seen))
            for number, one in enumerate(convolutions):
                layers += [torch.nn.Dropout(dropout)] if dropout and number else []
                layers += [
                    torch.nn.Conv2d(seen[0], one.kernels, one.kernel_size, one.stride, one.kernel_size // 2),
                    torch.nn.ReLU(),
                ]
                layers += [torch.nn.AvgPool2d(one.pool)] if one.pool > 1 else []
                seen = one.shape_after(seen)
            layers.append(torch.nn.Flatten())
            entering = prod(seen)
        for inputs, neurons in pairwise([entering, *widths[1:]]):
            layers += [torch.nn.Linear(inputs, neurons), torch.nn.ReLU()]
        super().__init__(*layers[:-1])

    def forward(self, inputs: Tensor) -> Tensor:
        """Class scores (B, K)."""
        return super().forward(inputs)

    def facts(self) -> dict[str, object]:
        """Columns of a leaderboard row that describe this network."""
        return {"network": "ann"}

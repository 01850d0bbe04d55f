"""The real-valued counterpart of the spiking networks."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import torch
from torch import Tensor

from hpbench.spiking.adaptive_norm import AdaptiveNorm
from hpbench.spiking.network import Convolution


class DenseNetwork(torch.nn.Sequential):
    """A multilayer perceptron with ReLU: input (B, …), output (B, K). Its inputs are values, not spikes.

    `convolutions`, also with ReLU, come first and take the input as an `image`, (C, H, W); the first of
    `widths` is then ignored. In training, the share `dropout` of the inputs of every convolution but the
    first is left out. With `norm`, dense hidden layers have a batch norm before their ReLU; `norm_adapts` and
    `entropy_lr` say what it does through a test stream (`hpbench.learning.adapting`).
    """

    def __init__(
        self,
        widths: Sequence[int],
        convolutions: Sequence[Convolution] = (),
        image: Sequence[int] = (),
        dropout: float = 0.0,
        *,
        norm: bool = False,
        norm_adapts: bool = False,
        entropy_lr: float | None = None,
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
        *hidden, outputs = widths[1:]
        for inputs, neurons in pairwise([entering, *hidden]):
            layers.append(torch.nn.Linear(inputs, neurons))
            layers += [AdaptiveNorm(neurons, adapts=norm_adapts)] if norm else []
            layers.append(torch.nn.ReLU())
        layers.append(torch.nn.Linear([entering, *hidden][-1], outputs))
        super().__init__(*layers)
        self.entropy_lr = entropy_lr

    def forward(self, inputs: Tensor) -> Tensor:
        """Class scores (B, K)."""
        return super().forward(inputs)

    def facts(self) -> dict[str, object]:
        """Columns of a leaderboard row that describe this network."""
        return {"network": "ann"}

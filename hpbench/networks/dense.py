"""The real-valued twin of the spiking networks."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor


class DenseNetwork(torch.nn.Sequential):
    """A multilayer perceptron with ReLU: input (B, …), output (B, K). It sees values, not spikes."""

    def __init__(self, widths: Sequence[int]) -> None:
        layers: list[torch.nn.Module] = [torch.nn.Flatten()]
        for inputs, neurons in pairwise(widths):
            layers += [torch.nn.Linear(inputs, neurons), torch.nn.ReLU()]
        super().__init__(*layers[:-1])

    def forward(self, inputs: Tensor) -> Tensor:
        """Class scores (B, K)."""
        return super().forward(inputs)

    def facts(self) -> dict[str, object]:
        """What a row says of this network."""
        return {"network": "ann"}

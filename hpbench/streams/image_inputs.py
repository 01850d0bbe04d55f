"""Images as the inputs of networks."""

import torch
from torch import Tensor

from hpbench.data.images.image_data import Pixels


def image_inputs(images: Pixels, device: str) -> Tensor:
    """Images (N, S, S) as floats (N, S·S) in [0, 1] on the device, pixels row by row."""
    inputs = torch.tensor(images).to(device, torch.float32).flatten(1)
    return inputs / 255 if images.dtype == "uint8" else inputs

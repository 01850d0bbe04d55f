"""Images as the inputs of networks."""

import torch
from torch import Tensor

from hpbench.data.images.image_data import Pixels, as_floats


def image_inputs(images: Pixels, device: str) -> Tensor:
    """Images (N, S, S) as floats (N, S·S) in [0, 1] on the device, pixels row by row."""
    return torch.tensor(as_floats(images)).to(device).flatten(1)

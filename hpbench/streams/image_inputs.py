"""Images as the inputs of networks."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hpbench.data.images.image_data import Pixels, as_floats

if TYPE_CHECKING:
    from torch import Tensor


def image_inputs(images: Pixels, device: str) -> "Tensor":
    """Images as floats in [0, 1] on the device: grey ones (N, S·S), row by row, colour (N, 3, S, S)."""
    return float_inputs(as_floats(images), device)


def float_inputs(images: NDArray[np.float32], device: str) -> "Tensor":
    """The same of images that are floats already. They are copied."""
    import torch

    inputs = torch.tensor(images).to(device)
    return inputs.flatten(1) if inputs.ndim == 3 else inputs

"""Images as the inputs of networks."""

from typing import TYPE_CHECKING

from hpbench.data.images.image_data import Pixels, as_floats

if TYPE_CHECKING:
    from torch import Tensor


def image_inputs(images: Pixels, device: str) -> "Tensor":
    """Images (N, S, S) as floats (N, S·S) in [0, 1] on the device, pixels row by row."""
    import torch

    return torch.tensor(as_floats(images)).to(device).flatten(1)

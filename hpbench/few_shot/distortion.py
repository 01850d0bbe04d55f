"""Random affine changes of training images, each image its own, so that no drawing is seen twice."""

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

TURN, SHEAR, SCALE, SHIFT = 0.2, 0.2, 0.15, 1 / 14
"""Largest changes at size 1: radians, tangent, log of the factor by axis, share of the image's side."""


def distorted(images: Tensor, size: float) -> Tensor:
    """Images (…, C, H, W), each turned, sheared, scaled and shifted at random; what comes into view is 0.

    Every change is uniform up to `size` times its largest. Drawn by torch's global generator.
    """
    if not size:
        return images
    flat = images.flatten(0, -4)
    drawn = size * (2 * torch.rand(6, len(flat)) - 1)
    turn, shear, wider, higher, right, down = drawn.to(images.device)
    turn, shear, right, down = TURN * turn, SHEAR * shear, 2 * SHIFT * right, 2 * SHIFT * down
    rows = (
        torch.stack([turn.cos() * (SCALE * wider).exp(), shear - turn.sin(), right], 1),
        torch.stack([turn.sin(), turn.cos() * (SCALE * higher).exp(), down], 1),
    )
    grid = affine_grid(torch.stack(rows, 1), list(flat.shape), align_corners=False)
    return grid_sample(flat, grid, align_corners=False).view(images.shape)

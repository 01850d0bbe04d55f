"""Data augmentation: a random affine transform of each training image."""

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

TURN, SHEAR, SCALE, SHIFT = 0.2, 0.2, 0.15, 1 / 14
"""Maximum transforms at size 1: radians, tangent, log of the factor per axis, share of the image's side."""


def distorted(images: Tensor, size: float) -> Tensor:
    """Images (…, C, H, W), each rotated, sheared, scaled and shifted at random, padded with 0.

    Each is uniform up to `size` times its maximum. Drawn by torch's global generator. Frames of events
    (E, S, T, P, H, W) are taken for images of T·P channels: a recording is changed alike at all its steps.
    """
    if not size:
        return images
    flat = images.flatten(2, 3).flatten(0, 1) if images.ndim == 6 else images.flatten(0, -4)
    drawn = size * (2 * torch.rand(6, len(flat)) - 1)
    turn, shear, wider, higher, right, down = drawn.to(images.device)
    turn, shear, right, down = TURN * turn, SHEAR * shear, 2 * SHIFT * right, 2 * SHIFT * down
    rows = (
        torch.stack([turn.cos() * (SCALE * wider).exp(), shear - turn.sin(), right], 1),
        torch.stack([turn.sin(), turn.cos() * (SCALE * higher).exp(), down], 1),
    )
    grid = affine_grid(torch.stack(rows, 1), list(flat.shape), align_corners=False)
    return grid_sample(flat, grid, align_corners=False).view(images.shape)

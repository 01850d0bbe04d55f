"""Brightness, contrast and colour."""

import numpy as np

from hpbench.disturb.corruptions.planes import Images


def brightness(images: Images, random: np.random.Generator, shift: float) -> Images:
    """The value of a pixel in HSV, its largest channel, rises by `shift` up to 1; hue and saturation stay."""
    value = images.max(1, keepdims=True)
    raised = np.minimum(value + shift, 1)
    return np.where(value > 0, images * (raised / np.where(value > 0, value, 1)), raised)


def contrast(images: Images, random: np.random.Generator, factor: float) -> Images:
    """Differences from the mean of a channel over the image are multiplied by `factor`."""
    means = images.mean((-2, -1), keepdims=True)
    return (images - means) * factor + means


def saturate(images: Images, random: np.random.Generator, factor: float, shift: float) -> Images:
    """The saturation s of a pixel in HSV becomes `factor` s + `shift`, cut to [0, 1]; grey counts as red.

    Images have three channels.
    """
    value, least = images.max(1, keepdims=True), images.min(1, keepdims=True)
    span = value - least
    saturation = np.where(value > 0, span / np.where(value > 0, value, 1), 0)
    # How far a channel lies below the largest, as a share of the span: what hue is made of.
    below = np.where(span > 0, (value - images) / np.where(span > 0, span, 1), _RED)
    return value * (1 - np.clip(saturation * factor + shift, 0, 1) * below)


_RED = np.array([0.0, 1.0, 1.0]).reshape(-1, 1, 1)

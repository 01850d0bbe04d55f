"""Noise of single pixels."""

import numpy as np

from hpbench.disturb.corruptions.planes import Images
from hpbench.disturb.images import salt_and_pepper


def gaussian_noise(images: Images, random: np.random.Generator, deviation: float) -> Images:
    """Normal noise of this standard deviation is added."""
    return images + random.normal(0, deviation, images.shape)


def shot_noise(images: Images, random: np.random.Generator, photons: float) -> Images:
    """Every pixel counts photons, Poisson-distributed, of which white has this number on average."""
    return random.poisson(images * photons) / photons


def impulse_noise(images: Images, random: np.random.Generator, share: float) -> Images:
    """This share of the values becomes 0 or 1, half of it each."""
    return salt_and_pepper(images, share, random, salt_share=0.5)

"""Streaming linear discriminant analysis (SLDA): class means and one covariance, updated sample by sample.

Rule: argmax_k x·Λμ_k − ½ μ_k·Λμ_k, Λ = ((1−ε) Σ + ε I)⁻¹, over pixels or the input of a network's last layer.
Source: Hayes and Kanan, CVPR Workshops 2020. Equal to Avalanche's StreamingLDA, which loops over the samples,
inverts Σ for every batch, and keeps its statistics outside the model, where memory is not measured.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.published import Published
from hpbench.core.settings import setting
from hpbench.learning.by_statistics import FeatureSettings, by_statistics
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {
    "omniglot": ("shrinkage that was best on split_omniglot", {"shrinkage": 0.1}),
}
PUBLISHED = (
    Published(
        "split_mnist",
        (("regime", "class"),),
        0.874,
        "linear discriminant on pixels, offline",
        "no paper: follows from the pixels of all 60,000 training images alone",
    ),
)


@dataclass
class Settings(FeatureSettings):
    """Features, the network that makes them, and the covariance."""

    shrinkage: float = setting(1e-2, "shrinkage ε: share of the identity in the covariance", low=1e-8, high=1)


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Classifies by class means and covariance."""
    return by_statistics(settings, task, settings.shrinkage)

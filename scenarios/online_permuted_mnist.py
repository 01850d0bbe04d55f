"""Online permuted MNIST: one permutation of the pixels after another, each sample once, in batches of 10.

The stream of `permuted_mnist`, task-free by default: every batch is presented as an experience of its own,
and strategies do not know where one task ends and the next begins (with `scenario.boundaries=told` they do).
10 tasks; as in `permuted_mnist`, strategies have the authors' settings, except for the batch size.
Source: Wu et al., Nat. Commun. 13:65 (2022) for the permutations; Goodfellow et al., arXiv:1312.6211 (2013).
"""

from dataclasses import dataclass

from hpbench.core.settings import with_default
from hpbench.data.images.mnist import MnistSettings, load_mnist
from hpbench.streams.online import ARRIVAL, OnlineSettings, online
from hpbench.streams.permuted import AUTHORS_SETTINGS, PermutedSettings, permuted
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"

STRATEGY_PRESET = {"batch": ARRIVAL, **AUTHORS_SETTINGS}
"""The batch size in which samples arrive, and the authors' settings for permuted MNIST."""


@dataclass
class Settings(OnlineSettings, PermutedSettings, MnistSettings):
    """The stream and its data."""

    tasks: int = with_default(PermutedSettings, "tasks", 10)


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the data and permute them."""
    data = load_mnist(settings.dataset, resources.data_root, resources.say)
    return online(permuted(data, settings, resources), settings)

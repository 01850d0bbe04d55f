"""Permuted MNIST, the "shuffled MNIST" of Wu et al.: the ten digits, pixels permuted differently per task.

Task 1 is MNIST without a permutation; task k + 1 permutes the pixels by NumPy's `RandomState(k)`, so that
the tasks are those of the authors' code. In the domain regime the ten outputs are shared and no task label is
given at test; `scenario.regime=task` gives it, for a head for each task, or for the masks of the published
experiment: `hp:multitask`, with rehearsal of earlier tasks for the plasticity parameters θ, and
`gp:multitask`. 50 tasks of 10 passes, as published, take hours on a CPU; the quick variant,
`scenario.tasks=10 scenario.passes=1`, is ranked separately.
Unlike the publication, 10 % of the training data are held out for validation.
Source: Wu et al., Nat. Commun. 13:65 (2022) and their released code (its folder `multitask learning`);
Goodfellow et al., arXiv:1312.6211 (2013).
"""

from dataclasses import dataclass

from hpbench.data.images.mnist import MnistSettings, load_mnist
from hpbench.streams.permuted import AUTHORS_SETTINGS, PermutedSettings, permuted
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"

STRATEGY_PRESET = AUTHORS_SETTINGS
"""Sizes, neurons and learning rates of the authors' code for this stream."""


@dataclass
class Settings(PermutedSettings, MnistSettings):
    """The stream and its data."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the data and permute them."""
    data = load_mnist(settings.dataset, resources.data_root, resources.say)
    return permuted(data, settings, resources)

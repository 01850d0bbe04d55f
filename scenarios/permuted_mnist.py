"""Permuted MNIST, the authors' shuffled MNIST: in every task the ten digits, pixels in another order.

Task 1 shows MNIST as it is; task k + 1 shows the pixels in the order of NumPy's `RandomState(k)`, so that
the tasks are those of the authors' code. The ten outputs are shared (domain regime) and no task label is
given at test. 50 tasks of 10 passes, as published, take hours on a processor; the quick variant,
`scenario.tasks=10 scenario.passes=1`, is ranked by itself.
Not as published: 10 % of the training data are held out, and neither the sparse task masks, which need the
task's identity at test, nor the rehearsal of earlier tasks for θ are part of the stream.
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
"""Settings of the authors' code for this stream."""


@dataclass
class Settings(PermutedSettings, MnistSettings):
    """The stream and its data."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Find the data and permute them."""
    data = load_mnist(settings.dataset, resources.data_root, resources.say)
    return permuted(data, settings, resources)

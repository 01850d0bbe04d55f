"""iCaRL: exemplars chosen by herding, distillation, and classification by the nearest mean of exemplars.

Rule: binary cross-entropy of σ(scores) with the old network's outputs for old classes and one-hot targets for
new ones, on new samples and exemplars; at test argmin_k ‖φ(x) − μ_k‖, φ the features at unit length.
Source: Rebuffi et al., CVPR 2017. The loss is Avalanche's; its own strategy would need a
list of classes, a network in two modules, and a memory on the CPU.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.published import split_mnist
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.reasons import chooses_among_passes, needs_boundaries
from hpbench.learning.settings import StatisticsSettings
from hpbench.learning.supervised import supervised
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {
    "real_valued": ("with a real-valued network", {"network": "ann"}),
}
PUBLISHED = split_mnist("iCaRL, 100 samples per class", **{"class": 0.925})


@dataclass
class Settings(StatisticsSettings):
    """Training, network and memory."""

    loss: str = setting(
        "cross_entropy", "binary cross-entropy, which the rule prescribes", choices=("cross_entropy",)
    )
    memory: int = setting(1000, "samples stored in total, equally many of each class", unit="samples", low=1)


def skip(settings: Settings, stream: Stream) -> str:
    """Why the strategy cannot be run on a stream; empty if it can."""
    if stream.regime not in ("class", None):
        return (
            f"icarl needs classes that occur in one experience only, but in the {stream.regime} regime "
            "the same targets occur in every experience: use scenario.regime=class"
        )
    if stream.classes is not None and settings.memory < stream.classes:
        return (
            f"strategy.memory={settings.memory} leaves some of {stream.classes} classes without an exemplar: "
            f"set at least {stream.classes}"
        )
    return needs_boundaries(stream, "iCaRL") or chooses_among_passes(stream)


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Trains with exemplars and distillation."""
    from hpbench.learning.features import NetworkFeatures
    from hpbench.learning.rules.class_statistics import StatisticsModel
    from hpbench.learning.rules.discriminant import StreamingDiscriminant
    from hpbench.learning.rules.distillation import OldAndNewClasses
    from hpbench.learning.rules.exemplars import Exemplars
    from hpbench.networks.family import build_network

    network = build_network(settings.network, settings, task)
    discriminant = StreamingDiscriminant(NetworkFeatures(network).width, task.outputs)
    model = StatisticsModel(network, discriminant, normalise=True)
    exemplars = Exemplars(settings.memory)
    return supervised(settings, task, model, plugins=[exemplars], criterion=OldAndNewClasses())

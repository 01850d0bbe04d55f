"""Avalanche strategies that classify by statistics of each class, and their settings."""

from dataclasses import dataclass
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar

from hpbench.core.acting import SET
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.reasons import chooses_among_passes, needs_boundaries
from hpbench.learning.settings import StatisticsSettings
from hpbench.learning.supervised import supervised
from hpbench.networks.settings import DenseSettings, JointNetworkSettings, JointTraceSettings, NeuronSettings
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

_NETWORK = {"features": "network"}
_LEARNING = {"learning_experiences": SET}


@dataclass
class FeatureSettings(StatisticsSettings):
    """Features of the statistics. With pixels, the settings of a network have no effect."""

    features: str = setting(
        "pixels",
        "features of a sample: its pixels, or the input of a network's last layer",
        choices=("pixels", "network"),
    )
    learning_experiences: int = setting(
        1,
        "number of experiences for which the network is trained before it is frozen; 0: random weights",
        unit="experiences",
        low=0,
        acts_with=_NETWORK,
    )

    ACTS_WITH: ClassVar[dict[Any, Any]] = {
        **dict.fromkeys((DenseSettings, NeuronSettings, JointTraceSettings, JointNetworkSettings), _NETWORK),
        **dict.fromkeys(("lr", "loss", "adversarial_epsilon"), _LEARNING),
        # A network with random weights has no gradient and no use for its last layer.
        **dict.fromkeys(("surrogate", "read_out", "energy_weight", "theta_lr"), _LEARNING),
    }

    @property
    def spiking(self) -> bool:
        """Whether features are those of a spiking network."""
        return self.features == "network" and super().spiking

    @property
    def repeats(self) -> bool:
        """Whether further passes have an effect: the statistics use every sample once."""
        return self.features == "network" and self.learning_experiences > 0

    def skip(self, stream: Stream) -> str:
        """Why the strategy cannot be run on the stream; empty if it can."""
        reason = super().skip(stream) or chooses_among_passes(stream)
        if reason or not self.repeats:
            return reason
        rule = f"strategy.learning_experiences={self.learning_experiences}"
        return needs_boundaries(stream, rule, "strategy.learning_experiences=0")


def by_statistics(
    settings: FeatureSettings, task: ContinualTask, shrinkage: float | None = None
) -> "SupervisedTemplate":
    """A strategy that classifies by class means and, with `shrinkage`, a shared covariance."""
    from hpbench.learning.features import NetworkFeatures
    from hpbench.learning.rules.class_statistics import StatisticsModel, StatisticsTemplate
    from hpbench.learning.rules.discriminant import StreamingDiscriminant
    from hpbench.networks.family import build_network

    if settings.features == "pixels":
        network, width, learning = None, prod(task.input_shape), 0
    else:
        network = build_network(settings.network, settings, task)
        width, learning = NetworkFeatures(network).width, settings.learning_experiences
    model = StatisticsModel(network, StreamingDiscriminant(width, task.outputs, shrinkage))
    template = partial(StatisticsTemplate, learning_experiences=learning)
    return supervised(settings, task, model, template=template)

"""Classifying by statistics of each class, over pixels or over a network's features."""

from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any, ClassVar

import torch
from avalanche.training.templates import SupervisedTemplate
from torch import Tensor

from hpbench.core.acting import SET
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.features import NetworkFeatures
from hpbench.learning.heads import TaskHeads
from hpbench.learning.reasons import chooses_among_passes, needs_boundaries
from hpbench.learning.rules.discriminant import StreamingDiscriminant
from hpbench.learning.settings import StatisticsSettings
from hpbench.learning.supervised import ContinualTemplate, supervised
from hpbench.networks.family import build_network
from hpbench.networks.settings import DenseSettings, JointNetworkSettings, JointTraceSettings, NeuronSettings
from hpbench.tasks.continual import ContinualTask

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


class StatisticsModel(torch.nn.Module):
    """A network whose scores are used in training; at test, those of a discriminant on its features.

    Without a network the features are the pixels. `theta` and `facts` are the network's.
    """

    extractor: Any

    def __init__(
        self, network: torch.nn.Module | None, discriminant: StreamingDiscriminant, *, normalise: bool = False
    ) -> None:
        super().__init__()
        self.extractor = torch.nn.Flatten() if network is None else NetworkFeatures(network)
        self.discriminant = discriminant
        self.normalise = normalise

    def features(self, inputs: Tensor) -> Tensor:
        """Features (B, n), of length 1 with `normalise`."""
        found = self.extractor(inputs)
        return torch.nn.functional.normalize(found) if self.normalise else found

    def forward(self, inputs: Tensor) -> Tensor:
        """Scores (B, K)."""
        if self.training:
            return self.extractor.network(inputs)
        return self.discriminant(self.features(inputs))

    def theta(self) -> list[torch.nn.Parameter]:
        """The network's meta-parameters."""
        theta_of = getattr(getattr(self.extractor, "network", None), "theta", None)
        return theta_of() if theta_of else []

    def facts(self) -> dict[str, object]:
        """Columns of a leaderboard row that describe this network."""
        network = getattr(self.extractor, "network", None)
        return network.facts() if network is not None else {"network": "none"}


class StatisticsTemplate(ContinualTemplate):
    """Adds every sample to the statistics once; a network is trained in the first experiences only.

    Without gradient training, the learning curve shows a batch's scores before the batch is added.
    """

    def __init__(self, *, learning_experiences: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.learning_experiences = learning_experiences

    @property
    def _by_gradient(self) -> bool:
        return self.clock.train_exp_counter < self.learning_experiences

    def training_epoch(self, **kwargs: Any) -> None:
        """A pass of gradient training, or the single pass that adds the samples."""
        if self._by_gradient:
            super().training_epoch(**kwargs)
            return
        self.model.eval()
        for batch in self.dataloader:
            self.mbatch = batch
            self._unpack_minibatch()
            self._before_training_iteration(**kwargs)
            self._before_forward(**kwargs)
            with torch.no_grad():
                self.mb_output = self.forward()
                self.loss = self.criterion()
            self._after_forward(**kwargs)
            self._take_in(self.mbatch)
            self._after_training_iteration(**kwargs)
        self.stop_training()  # a second pass would count every sample twice

    def _after_training_exp(self, **kwargs: Any) -> None:
        if self._by_gradient:
            assert self.store is not None and self.experience is not None
            self.model.eval()
            for batch in self.store.batches(self.experience.dataset, self.train_mb_size, shuffle=False):
                self._take_in(batch)
        super()._after_training_exp(**kwargs)

    @torch.no_grad()
    def _take_in(self, batch: list[Tensor]) -> None:
        inputs, targets, labels = batch
        model: Any = self.model
        if isinstance(model, TaskHeads):
            targets, model = targets + labels * model.width, model.network
        model.discriminant.update(model.features(inputs), targets)


def by_statistics(
    settings: FeatureSettings, task: ContinualTask, shrinkage: float | None = None
) -> SupervisedTemplate:
    """A strategy that classifies by class means and, with `shrinkage`, a shared covariance."""
    if settings.features == "pixels":
        network, width, learning = None, prod(task.input_shape), 0
    else:
        network = build_network(settings.network, settings, task)
        width, learning = NetworkFeatures(network).width, settings.learning_experiences
    model = StatisticsModel(network, StreamingDiscriminant(width, task.outputs, shrinkage))
    template = partial(StatisticsTemplate, learning_experiences=learning)
    return supervised(settings, task, model, template=template)

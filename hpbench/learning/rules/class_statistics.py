"""Classifying by statistics of each class, over pixels or over a network's features."""

from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import torch
from avalanche.training.templates import SupervisedTemplate
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.learning.features import NetworkFeatures
from hpbench.learning.heads import TaskHeads
from hpbench.learning.online import need_boundaries
from hpbench.learning.rules.discriminant import StreamingDiscriminant
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.supervised import ContinualTemplate, supervised
from hpbench.networks.family import build_network
from hpbench.tasks.continual import ContinualTask


@dataclass
class FeatureSettings(ContinualSettings):
    """What the statistics are taken over; with pixels, settings of training and network have no effect."""

    features: str = setting(
        "pixels", "what a sample is described by: its pixels, or a network", choices=("pixels", "network")
    )
    learning_experiences: int = setting(
        1,
        "first experiences that the network learns by gradient before it is fixed; 0 leaves it as drawn",
        unit="experiences",
        low=0,
    )


class StatisticsModel(torch.nn.Module):
    """In training the scores of a network, at test those of a discriminant on its features.

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
        """What a row says of the network."""
        network = getattr(self.extractor, "network", None)
        return network.facts() if network is not None else {"network": "none"}


class StatisticsTemplate(ContinualTemplate):
    """Takes every sample into the statistics once; a network learns in the first experiences only.

    Where nothing is learned by gradient, the scores shown for a batch are those before it is taken in.
    """

    def __init__(self, *, learning_experiences: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.learning_experiences = learning_experiences

    @property
    def _by_gradient(self) -> bool:
        return self.clock.train_exp_counter < self.learning_experiences

    def training_epoch(self, **kwargs: Any) -> None:
        """A pass by gradient, or the only pass that takes the samples in."""
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
    """A strategy that classifies by class means and, with `shrinkage`, a shared covariance.

    Raises InputError for what class statistics do not go with, and for a network that learns in the first
    experiences of a stream without boundaries.
    """
    check_statistics(settings, task)
    if settings.features == "pixels":
        network, width, learning = None, prod(task.input_shape), 0
    else:
        network = build_network(settings.network, settings, task)
        width, learning = NetworkFeatures(network).width, settings.learning_experiences
    if learning:
        rule = f"strategy.learning_experiences={learning}"
        need_boundaries(task, rule, "strategy.learning_experiences=0")
    model = StatisticsModel(network, StreamingDiscriminant(width, task.outputs, shrinkage))
    template = partial(StatisticsTemplate, learning_experiences=learning)
    return supervised(settings, task, model, template=template)


def check_statistics(settings: ContinualSettings, task: ContinualTask) -> None:
    """Raise InputError for prototypes, a second classifier, and for `selection=validation`.

    Class statistics are made after the last pass.
    """
    if settings.prototypes:
        raise InputError(
            "strategy.prototypes=on mixes class means into a network's scores, but this strategy classifies "
            "by class statistics itself: leave them off"
        )
    if task.selection == "validation":
        raise InputError(
            "scenario.selection=validation needs passes that can be told apart at test, but this strategy "
            "classifies by class statistics made after the last pass: use scenario.selection=last"
        )

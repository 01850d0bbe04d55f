"""Classifying by statistics of each class, over pixels or over a network's features."""

from typing import Any

import torch
from torch import Tensor

from hpbench.learning.features import NetworkFeatures
from hpbench.learning.heads import TaskHeads
from hpbench.learning.rules.discriminant import StreamingDiscriminant
from hpbench.learning.templates import ContinualTemplate


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

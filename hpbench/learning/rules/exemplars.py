"""A memory of exemplars chosen by herding, and classification by the mean of each class's exemplars.

Rebuffi et al., CVPR 2017 (iCaRL), Algorithms 1, 4 and 5: of the samples of a class, with features φ of
length 1 and their mean μ, the k-th exemplar is the one that brings the mean of the first k nearest to μ. A
class loses exemplars from the end of its list when memory is needed for others.
"""

from typing import Any

import torch
from avalanche.benchmarks.utils import AvalancheDataset, concat_datasets
from avalanche.core import SupervisedPlugin
from torch import Tensor

from hpbench.learning.rules.class_statistics import StatisticsModel


def herding(features: Tensor, count: int) -> list[int]:
    """At most `count` different rows of `features` (N, n), in the order in which herding chooses them."""
    mean = features.mean(0)
    total = torch.zeros_like(mean)
    free = torch.ones(len(features), dtype=torch.bool, device=features.device)
    # Minimising ‖μ − (total + φ)/k‖² is minimising ‖φ‖² − 2 φ·(kμ − total).
    lengths = features.square().sum(1)
    rows = []
    for number in range(1, min(count, len(features)) + 1):
        distances = lengths - 2 * (features @ (number * mean - total))
        row = int(distances.masked_fill(~free, torch.inf).argmin())
        free[row] = False
        total = total + features[row]
        rows.append(row)
    return rows


class Exemplars(SupervisedPlugin):
    """Adds the exemplars to the training data, and their means to a StatisticsModel.

    `memory` samples are shared equally by the classes seen. Each class must occur in one experience only.
    """

    def __init__(self, memory: int) -> None:
        super().__init__()
        self.memory = memory
        self.kept: dict[int, AvalancheDataset] = {}

    @property
    def memory_samples(self) -> int:
        """Number of samples stored."""
        return sum(len(samples) for samples in self.kept.values())

    def after_train_dataset_adaptation(self, strategy: Any, **kwargs: Any) -> None:
        """Add the exemplars to the samples of the experience."""
        strategy.adapted_dataset = concat_datasets([strategy.adapted_dataset, *self.kept.values()])

    @torch.no_grad()
    def after_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Choose exemplars of the new classes, shorten the old lists, and recompute the means."""
        model: StatisticsModel = strategy.model
        model.eval()
        dataset = strategy.experience.dataset
        targets = torch.as_tensor(list(dataset.targets))
        new = targets.unique().tolist()
        share = self.memory // (len(self.kept) + len(new))
        for number, samples in self.kept.items():
            self.kept[number] = samples.subset(range(min(share, len(samples))))
        for number in new:
            own = dataset.subset((targets == number).nonzero().squeeze(1).tolist())
            self.kept[number] = own.subset(herding(self._features(strategy, own), share))
        means = torch.zeros_like(model.discriminant.means)
        known = torch.zeros_like(model.discriminant.counts)
        for number, samples in self.kept.items():
            means[number] = torch.nn.functional.normalize(self._features(strategy, samples).mean(0), dim=0)
            known[number] = 1
        model.discriminant.replace_means(means, known)
        model.train()

    def _features(self, strategy: Any, dataset: AvalancheDataset) -> Tensor:
        batches = strategy.store.batches(dataset, strategy.eval_mb_size, shuffle=False)
        return torch.cat([strategy.model.features(inputs) for inputs, *_ in batches])

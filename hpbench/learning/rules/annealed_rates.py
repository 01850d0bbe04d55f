"""Learning rates that fall to 0 over an experience."""

import math
from typing import Any

from avalanche.core import SupervisedPlugin


class AnnealedRates(SupervisedPlugin):
    """Every rate is η ½ (1 + cos(π s / S)) in step s of the S steps of an experience, over all passes.

    The next experience begins with η again. Source: Loshchilov and Hutter, ICLR 2017, without restarts inside
    an experience.
    """

    def __init__(self) -> None:
        super().__init__()
        self.step = 0
        self.rates: list[float] = []

    def before_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Begin with the full rates."""
        groups = strategy.optimizer.param_groups
        self.rates = self.rates or [group["lr"] for group in groups]
        self.step = 0

    def before_update(self, strategy: Any, **kwargs: Any) -> None:
        """The rates of this step."""
        share = self.step / (len(strategy.dataloader) * strategy.train_epochs)
        for group, rate in zip(strategy.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * 0.5 * (1 + math.cos(math.pi * share))
        self.step += 1

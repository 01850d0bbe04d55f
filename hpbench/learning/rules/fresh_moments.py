"""An optimizer that begins anew with each experience."""

from typing import Any

from avalanche.core import SupervisedPlugin


class FreshMoments(SupervisedPlugin):
    """Forgets the optimizer's state, as Adam's moments, before each experience.

    For networks with masks: moments of the last task would move its weights for many more steps, without a
    gradient, while the next one is learned.
    """

    def before_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Forget it."""
        strategy.optimizer.state.clear()

"""What the protocol asks of an Avalanche strategy beyond training and evaluation."""

from collections.abc import Callable, Iterable

import torch
from avalanche.models import avalanche_forward
from avalanche.training import JointTraining
from avalanche.training.templates import SupervisedTemplate
from torch import Tensor

from hpbench.core.task import ContinualTask


def is_joint(strategy: SupervisedTemplate) -> bool:
    """Whether the strategy is trained on the whole stream at once."""
    return isinstance(strategy, JointTraining)


def stored_samples(strategy: SupervisedTemplate, task: ContinualTask) -> int:
    """Samples of earlier experiences kept at the end: all of them for joint training.

    Avalanche's plugins keep them in a `storage_policy`; another plugin may say so itself by an attribute
    `memory_samples`.
    """
    if is_joint(strategy):
        return sum(len(part.targets) for part in task.train)
    count = 0
    for plugin in strategy.plugins:
        policy = getattr(plugin, "storage_policy", None)
        count += len(policy.buffer) if policy is not None else getattr(plugin, "memory_samples", 0)
    return count


def looking(strategy: SupervisedTemplate, batches: Iterable[list[Tensor]]) -> Callable[[], None]:
    """A function that shows these batches to the strategy's model in `eval()` mode."""

    def look() -> None:
        strategy.model.eval()
        with torch.no_grad():
            for inputs, _, labels in batches:
                avalanche_forward(strategy.model, inputs, labels)

    return look

"""How trained strategies are inspected: their model, prototypes, stored samples and cost."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

import torch
from avalanche.models import avalanche_forward
from avalanche.training import JointTraining
from avalanche.training.templates import SupervisedTemplate
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.learning.benchmark import TensorStore
from hpbench.learning.prototypes.plugin import HebbianPrototypes
from hpbench.learning.templates import InMemory
from hpbench.tasks.continual import ContinualTask


def checked(strategy: Any, settings: Any) -> SupervisedTemplate:
    """Return the strategy that `continual()` built for these settings.

    Raises TypeError if it is not a SupervisedTemplate, InputError if it lacks the prototypes that the
    settings ask for.
    """
    if not isinstance(strategy, SupervisedTemplate):
        raise TypeError(
            f"continual() returned {type(strategy).__name__}: it must return an Avalanche "
            "SupervisedTemplate, as hpbench.learning.supervised.supervised() makes them"
        )
    if getattr(settings, "prototypes", False) and prototypes_of(strategy) is None:
        raise InputError(
            f"prototypes=true: this strategy is an Avalanche {type(strategy).__name__} that was not made by "
            "hpbench.learning.supervised.supervised(), and has no prototypes"
        )
    return strategy


def adopt(strategy: SupervisedTemplate, store: TensorStore) -> SupervisedTemplate:
    """Give a strategy the task's tensors.

    A template of `hpbench.learning.templates` takes its batches from them; any other SupervisedTemplate
    keeps Avalanche's own loader.
    """
    if isinstance(strategy, InMemory):
        strategy.store = store
    return strategy


def prototypes_of(strategy: SupervisedTemplate) -> HebbianPrototypes | None:
    """The strategy's Hebbian prototypes, if it has any."""
    return next((plugin for plugin in strategy.plugins if isinstance(plugin, HebbianPrototypes)), None)


def learner(strategy: SupervisedTemplate) -> torch.nn.Module:
    """Everything that predictions need: the strategy's model, and the modules of its prototypes."""
    prototypes = prototypes_of(strategy)
    if prototypes is None:
        return strategy.model
    return torch.nn.ModuleDict({"prototypes": prototypes.reader.parts, "model": strategy.model})


def network_of(strategy: SupervisedTemplate) -> torch.nn.Module:
    """The network that a strategy's model wraps, or the model itself."""
    network: torch.nn.Module = getattr(strategy.model, "network", strategy.model)
    return network


def is_joint(strategy: SupervisedTemplate) -> bool:
    """Whether the strategy is trained on the whole stream at once."""
    return isinstance(strategy, JointTraining)


def stored_samples(strategy: SupervisedTemplate, task: ContinualTask) -> int:
    """Number of samples stored at the end; for joint training, all of them.

    Avalanche stores them in the `storage_policy` of a plugin or of the strategy itself; other plugins report
    them by an attribute `memory_samples`.
    """
    if is_joint(strategy):
        return sum(len(part.targets) for part in task.train)
    count = 0
    for keeper in (strategy, *strategy.plugins):
        policy = getattr(keeper, "storage_policy", None)
        count += len(policy.buffer) if policy is not None else getattr(keeper, "memory_samples", 0)
    return count


def looking(strategy: SupervisedTemplate, batches: Iterable[list[Tensor]]) -> Callable[[], None]:
    """A function that runs the strategy's model on these batches, as in evaluation."""
    prototypes = prototypes_of(strategy)

    def look() -> None:
        strategy.model.eval()
        with torch.no_grad(), ExitStack() as stack:
            if prototypes is not None:
                stack.enter_context(prototypes.reader.attached(strategy.model))
            for inputs, *_, labels in batches:
                avalanche_forward(strategy.model, inputs, labels)

    return look

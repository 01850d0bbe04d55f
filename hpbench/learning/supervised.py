"""Avalanche strategies that train a network: the templates that `continual()` functions return."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from avalanche.core import SupervisedPlugin
from avalanche.training import JointTraining
from avalanche.training.templates import SupervisedTemplate
from torch import Tensor

from hpbench.learning.benchmark import TensorStore
from hpbench.learning.heads import TaskHeads
from hpbench.learning.prototypes.plugin import HebbianPrototypes
from hpbench.learning.rules.adversarial import adversarial_training
from hpbench.learning.rules.bilevel import BilevelTheta
from hpbench.learning.rules.energy import ImplicitEnergy
from hpbench.networks.family import build_network
from hpbench.plasticity.bilevel import BilevelSettings
from hpbench.plasticity.decolle_loss import smooth_l1
from hpbench.plasticity.prototypes import squared_error
from hpbench.spiking.network import SpikingNetwork
from hpbench.tasks.continual import ContinualTask


class InMemory:
    """Takes batches from a TensorStore, set by the protocol, instead of Avalanche's loader."""

    store: TensorStore | None = None

    def make_train_dataloader(self: Any, **kwargs: Any) -> None:
        """Shuffled batches of the adapted dataset; plugins may replace them by their own loader."""
        self.dataloader = self.store.batches(self.adapted_dataset, self.train_mb_size, shuffle=True)

    def make_eval_dataloader(self: Any, **kwargs: Any) -> None:
        """Batches in the order of the data."""
        self.dataloader = self.store.batches(self.adapted_dataset, self.eval_mb_size, shuffle=False)


class ContinualTemplate(InMemory, SupervisedTemplate):
    """Avalanche's SupervisedTemplate on data in memory."""


class JointTemplate(InMemory, JointTraining):
    """Avalanche's JointTraining on data in memory."""


def mean_squared_error(scores: Tensor, targets: Tensor) -> Tensor:
    """Mean over batch and outputs of the squared distance to one-hot targets."""
    one_hot = torch.nn.functional.one_hot(targets, scores.shape[1]).to(scores.dtype)
    return torch.nn.functional.mse_loss(scores, one_hot)


Loss = Callable[[Tensor, Tensor], Tensor]

LOSSES: dict[str, Loss] = {
    "mse": mean_squared_error,
    "squared_error": squared_error,
    "cross_entropy": torch.nn.functional.cross_entropy,
    "smooth_l1": smooth_l1,
}


def supervised(
    settings: Any,
    task: ContinualTask,
    network: str | torch.nn.Module | None = None,
    plugins: Sequence[SupervisedPlugin] = (),
    *,
    joint: bool = False,
    template: Callable[..., SupervisedTemplate] = ContinualTemplate,
    criterion: Loss | None = None,
) -> SupervisedTemplate:
    """An Avalanche strategy that trains a network on a task.

    `network` is a name ("hp", "gp", "lp", "ann"; default `settings.network`) or any module from (B, …) to
    (B, task.outputs). θ, the parameters of the module's `theta()`, has the learning rate `settings.theta_lr`.
    With `joint`, all experiences are learned at once. `template` serves rules with a training loop of their
    own. `criterion` replaces the loss that `settings.loss` names. With
    `settings.prototypes`, Hebbian prototypes of the network's features are mixed into its scores; with
    `settings.adversarial_epsilon`, FGSM attacks every training batch.
    """
    if not isinstance(network, torch.nn.Module):
        network = build_network(network or settings.network, settings, task)
    theta_of = getattr(network, "theta", None)
    theta = list(theta_of()) if callable(theta_of) else []
    ids = {id(parameter) for parameter in theta}
    groups: list[dict[str, Any]] = [
        {"params": [parameter for parameter in network.parameters() if id(parameter) not in ids]}
    ]
    if theta:
        groups.append({"params": theta, "lr": settings.theta_lr})
    loss = criterion or LOSSES[settings.loss]
    attacks = adversarial_training(settings.adversarial_epsilon, LOSSES[settings.loss])
    plugins = [*attacks, *plugins, *_rules_of_plasticity(settings, network, task, loss)]
    if getattr(settings, "prototypes", False):
        plugins.append(HebbianPrototypes(settings, network, task))
    if task.multi_head:
        network = TaskHeads(network, task.outputs // len(task.train))
    return (JointTemplate if joint else template)(
        model=network,
        optimizer=torch.optim.Adam(groups, lr=settings.lr),
        criterion=loss,
        train_mb_size=settings.batch,
        eval_mb_size=settings.batch,
        train_epochs=task.passes,
        device=task.device,
        plugins=plugins,
        evaluator=None,
    )


def _rules_of_plasticity(
    settings: Any, network: torch.nn.Module, task: ContinualTask, loss: Loss
) -> list[SupervisedPlugin]:
    """The plugins for Eqs. 10-13 that the settings of a spiking network ask for."""
    rules: list[SupervisedPlugin] = []
    if getattr(settings, "energy_weight", 0) > 0:
        rules.append(ImplicitEnergy(network, settings.energy_weight))
    theta = network.theta() if isinstance(network, SpikingNetwork) else []
    if theta and settings.theta_gradient != "joint":
        how = BilevelSettings(
            settings.theta_gradient, settings.theta_inner_step, pairing=settings.theta_pairing
        )
        rules.append(BilevelTheta(loss, how, forgets=task.boundaries))
    return rules

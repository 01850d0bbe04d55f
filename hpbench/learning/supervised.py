"""Avalanche strategies that train a network: what `continual()` functions return."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    import torch
    from avalanche.core import SupervisedPlugin
    from avalanche.training.templates import SupervisedTemplate

    from hpbench.learning.losses import Loss


def supervised(
    settings: Any,
    task: ContinualTask,
    network: "str | torch.nn.Module | None" = None,
    plugins: "Sequence[SupervisedPlugin]" = (),
    *,
    joint: bool = False,
    template: "Callable[..., SupervisedTemplate] | None" = None,
    criterion: "Loss | None" = None,
) -> "SupervisedTemplate":
    """An Avalanche strategy that trains a network on a task.

    `network` is a name ("hp", "gp", "lp", "ann"; default `settings.network`) or any module from (B, …) to
    (B, task.outputs). θ, the parameters of the module's `theta()`, has the learning rate `settings.theta_lr`.
    Where a task's identity is given, a network with masks uses those of the task; any other has a head for
    each task. With `joint`, all experiences are learned at once. `template` serves rules with a training loop
    of their own. `criterion` replaces the loss that `settings.loss` names. With
    `settings.prototypes`, Hebbian prototypes of the network's features are mixed into its scores; with
    `settings.adversarial_epsilon`, FGSM attacks every training batch.
    """
    import torch

    from hpbench.learning.heads import TaskHeads, TaskMasks
    from hpbench.learning.losses import LOSSES
    from hpbench.learning.prototypes.plugin import HebbianPrototypes
    from hpbench.learning.rules.adversarial import adversarial_training
    from hpbench.learning.rules.annealed_rates import AnnealedRates
    from hpbench.learning.rules.fresh_moments import FreshMoments
    from hpbench.learning.rules.local_losses import LocalLosses
    from hpbench.learning.rules.online_gradients import OnlineGradients
    from hpbench.learning.rules.plasticity import rules_of_plasticity
    from hpbench.learning.rules.theta_rehearsal import ThetaRehearsal
    from hpbench.learning.templates import ContinualTemplate, JointTemplate
    from hpbench.networks.family import build_network
    from hpbench.spiking.credit.locality import BACKPROPAGATION
    from hpbench.spiking.fused.adam import Adam
    from hpbench.spiking.multitask.network import MultitaskNetwork

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
    locality = getattr(network, "locality", BACKPROPAGATION)
    attacks = adversarial_training(
        settings.adversarial_epsilon, LOSSES[settings.loss], as_at_test=locality != BACKPROPAGATION
    )
    plugins = [*attacks, *plugins, *rules_of_plasticity(settings, network, task, loss)]
    if getattr(settings, "prototypes", False):
        plugins.append(HebbianPrototypes(settings, network, task))
    if getattr(settings, "theta_rehearsal", 0) and theta:
        plugins.append(ThetaRehearsal(theta, settings.theta_lr, loss, settings.theta_rehearsal))
    if getattr(settings, "lr_schedule", "constant") == "cosine":
        plugins.append(AnnealedRates())
    if hasattr(network, "local_loss"):
        plugins.append(LocalLosses())
    if task.multi_head:
        if isinstance(network, MultitaskNetwork) and network.mask_share:
            network = TaskMasks(network)
            plugins.append(FreshMoments())
        else:
            network = TaskHeads(network, task.outputs // len(task.train))
    if hasattr(network, "learn"):
        template = OnlineGradients
    return (JointTemplate if joint else template or ContinualTemplate)(
        model=network,
        optimizer=Adam(groups, lr=settings.lr),
        criterion=loss,
        train_mb_size=settings.batch,
        eval_mb_size=settings.batch,
        train_epochs=task.passes,
        device=task.device,
        plugins=plugins,
        evaluator=None,
    )

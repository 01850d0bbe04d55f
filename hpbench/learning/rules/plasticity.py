"""The plugins for Eqs. 10-13 (Wu et al., Nat. Commun. 13:65, 2022) that settings ask for."""

from typing import Any

import torch
from avalanche.core import SupervisedPlugin

from hpbench.learning.losses import Loss
from hpbench.learning.rules.bilevel import BilevelTheta
from hpbench.learning.rules.energy import ImplicitEnergy
from hpbench.plasticity.bilevel import BilevelSettings
from hpbench.spiking.network import SpikingNetwork
from hpbench.tasks.continual import ContinualTask


def rules_of_plasticity(
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

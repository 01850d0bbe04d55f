"""Hybrid plasticity with adversarial training (HP + FGSM): `hp`, learning every batch as FGSM changed it.

Rule: x' = x + ε sign(∇_x L), the carried trace taking part in the attacked forward pass; then a step of `hp`
on x' (Eq. 18, Alg. 1). Published with ε = 0.01; 0.1 hurts.
Source: the reproduction of Wu et al., Nat. Commun. 13:65 (2022), with FGSM.
"""

from dataclasses import dataclass

from avalanche.training.templates import SupervisedTemplate

from hpbench.continual.settings import GradientSettings, TrainingSettings
from hpbench.continual.supervised import supervised
from hpbench.core.settings import with_default
from hpbench.core.task import ContinualTask
from hpbench.networks.settings import TraceSettings

VERSION = "1"


@dataclass
class Settings(TrainingSettings, TraceSettings):
    """Settings of `hp`."""

    adversarial_epsilon: float = with_default(GradientSettings, "adversarial_epsilon", 0.01)


def continual(settings: Settings, task: ContinualTask) -> SupervisedTemplate:
    """Trains an HP network on attacked batches."""
    return supervised(settings, task, "hp")

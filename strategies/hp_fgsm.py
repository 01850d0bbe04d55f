"""Hybrid plasticity with adversarial training (HP + FGSM): `hp`, with an FGSM attack on every training batch.

Rule: x' = x + ε sign(∇_x L), where the forward pass includes the Hebbian trace; then a step of `hp`
on x' (Eq. 18, Alg. 1). Published with ε = 0.01; 0.1 hurts.
Source: the reproduction of Wu et al., Nat. Commun. 13:65 (2022), with FGSM.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.settings import with_default
from hpbench.learning.settings import GradientSettings, TrainingSettings
from hpbench.learning.supervised import supervised
from hpbench.networks.settings import TraceSettings
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {
    "adapting": (
        "the trace also adapts to each test batch, as in the authors' code",
        {"trace_at_test": "batch"},
    ),
    "strong": ("adversarial training with ε = 0.1", {"adversarial_epsilon": 0.1}),
    "strong_adapting": (
        "the same, and the trace also adapts to each test batch",
        {"adversarial_epsilon": 0.1, "trace_at_test": "batch"},
    ),
}


@dataclass
class Settings(TrainingSettings, TraceSettings):
    """Settings of `hp`."""

    adversarial_epsilon: float = with_default(GradientSettings, "adversarial_epsilon", 0.01)


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Trains an HP network on attacked batches."""
    return supervised(settings, task, "hp")

"""Hybrid plasticity (HP): surrogate-gradient learning joined with a Hebbian trace whose rates are learned.

Rule: current (W + α P) x, with P ← λ P + mean (β ∘ x) tanh(u/v_th − η)^T; W, b and θ = {α, β, η} by Adam.
Few-shot, in the output layer alone: u = x (α ∘ W + (1 − α) ∘ P), with P ← λ P + (η ∘ x) softmax(u − β)^T over
the support, whose labels are bound by a current; features, W and θ = {α, η, β} are meta-learned.
Source: Wu et al., Nat. Commun. 13:65 (2022), Eqs. 1-9, `release` dialect (the authors' code); Eqs. 14-16.
"""

from dataclasses import dataclass

from avalanche.training.templates import SupervisedTemplate

from hpbench.continual.settings import TrainingSettings
from hpbench.continual.supervised import supervised
from hpbench.core.published import SPLIT_MNIST_NONE
from hpbench.core.settings import with_default
from hpbench.core.task import ContinualTask
from hpbench.few_shot.bound import BoundSettings, bound
from hpbench.few_shot.feature_networks import FeatureSettings
from hpbench.few_shot.inner_steps import InnerStepSettings
from hpbench.few_shot.learner import Learner
from hpbench.few_shot.task import FewShotTask
from hpbench.networks.settings import TraceSettings

VERSION = "1"
PUBLISHED = SPLIT_MNIST_NONE


@dataclass
class Settings(TrainingSettings, TraceSettings):
    """Published settings of the Fashion-MNIST demo."""


def continual(settings: Settings, task: ContinualTask) -> SupervisedTemplate:
    """Fine-tunes an HP network through the stream."""
    return supervised(settings, task, "hp")


@dataclass
class FewShotSettings(BoundSettings, FeatureSettings, InnerStepSettings):
    """Features, binding, and inner steps of W (Eq. 10) if asked for."""

    inner_steps: int = with_default(InnerStepSettings, "inner_steps", 0)


def few_shot(settings: FewShotSettings, task: FewShotTask) -> Learner:
    """Binds the support's labels in the output trace; features, W and θ are meta-learned."""
    return bound(settings, task, settings)

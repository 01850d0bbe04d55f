"""ANIL: gradient steps on the support for the output layer alone, on features that are meta-learned.

Rule: that of `maml`, but inner steps change the last layer only ("almost no inner loop").
Source: Raghu et al., ICLR 2020; learn2learn's implementation.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.settings import with_default
from hpbench.few_shot.adapted import AdaptedSettings, adapted
from hpbench.few_shot.feature_networks import FeatureSettings
from hpbench.tasks.few_shot import FewShotTask

if TYPE_CHECKING:
    from hpbench.few_shot.learner import Learner

VERSION = "1"


@dataclass
class Settings(AdaptedSettings):
    """Meta-training, inner steps, and conv-4."""

    network: str = with_default(FeatureSettings, "network", "ann")


def few_shot(settings: Settings, task: FewShotTask) -> "Learner":
    """Inner steps on the output layer."""
    return adapted(settings, task)

"""MAML: initial weights that a few gradient steps on the support adapt to an episode.

Rule: w' = w − ξ ∇_w C(support; w), a few steps, all weights; the initial w is meta-learned through the steps.
Source: Finn, Abbeel and Levine, ICML 2017; learn2learn's implementation. As published, batch norms see all
queries of an episode together: results are transductive, as a column of the row says.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.published import omniglot
from hpbench.core.settings import with_default
from hpbench.few_shot.adapted import AdaptedSettings, adapted
from hpbench.few_shot.feature_networks import FeatureSettings
from hpbench.tasks.few_shot import FewShotTask

if TYPE_CHECKING:
    from hpbench.few_shot.learner import Learner

VERSION = "1"
PUBLISHED = omniglot("MAML", "Finn, Abbeel and Levine, ICML 2017", 0.987, 0.999, 0.958, 0.989)


@dataclass
class Settings(AdaptedSettings):
    """Meta-training, inner steps, and conv-4 with strides, as published for Omniglot."""

    meta_steps: int = with_default(AdaptedSettings, "meta_steps", 4000)
    meta_batch: int = with_default(AdaptedSettings, "meta_batch", 2)
    lr: float = with_default(AdaptedSettings, "lr", 2e-3)
    inner_lr: float = with_default(AdaptedSettings, "inner_lr", 0.1)
    network: str = with_default(FeatureSettings, "network", "ann")
    filters: list[int] = with_default(FeatureSettings, "filters", [64, 64, 64, 64])
    adapted: str = with_default(AdaptedSettings, "adapted", "network")


def few_shot(settings: Settings, task: FewShotTask) -> "Learner":
    """Inner steps on all weights."""
    return adapted(settings, task)

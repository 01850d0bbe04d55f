"""Prototypical network: a query belongs to the class whose mean feature vector is nearest.

Rule: scores −‖f(x) − c_k‖², c_k the mean of f over class k's support; f by gradient on the queries'
cross-entropy.
Source: Snell, Swersky and Zemel, NeurIPS 2017. Real-valued conv-4 of the published width, with strides in
place of pooling (`down=pool` as published), or the spiking one.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.published import omniglot
from hpbench.core.settings import with_default
from hpbench.few_shot.feature_networks import FeatureSettings, build_features, facts_of
from hpbench.few_shot.settings import MetaTrainingSettings
from hpbench.tasks.few_shot import FewShotTask

if TYPE_CHECKING:
    from hpbench.few_shot.learner import Learner

VERSION = "1"
PUBLISHED = omniglot(
    "prototypical networks", "Snell, Swersky and Zemel, NeurIPS 2017", 0.988, 0.997, 0.960, 0.989
)


@dataclass
class Settings(MetaTrainingSettings, FeatureSettings):
    """Meta-training, and conv-4 with the published width."""

    meta_steps: int = with_default(MetaTrainingSettings, "meta_steps", 10000)
    network: str = with_default(FeatureSettings, "network", "ann")
    filters: list[int] = with_default(FeatureSettings, "filters", [64, 64, 64, 64])


def few_shot(settings: Settings, task: FewShotTask) -> "Learner":
    """Class means of features that are meta-learned."""
    from hpbench.few_shot.learner import FeatureLearner
    from hpbench.few_shot.read_outs import Prototypes

    network, _ = build_features(settings, task)
    return FeatureLearner(network, Prototypes(), facts_of(settings, task))

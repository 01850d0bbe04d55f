"""Matching network: a query gets the labels of the support samples most similar to it.

Rule: P(k | x) = Σ_s a(x, x_s) [y_s = k], a the softmax of cosines times a learned factor; features by
gradient on the queries' cross-entropy. Without full-context embeddings.
Source: Vinyals et al., NeurIPS 2016.
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
PUBLISHED = omniglot("matching networks", "Vinyals et al., NeurIPS 2016", 0.981, 0.989, 0.938, 0.985)


@dataclass
class Settings(MetaTrainingSettings, FeatureSettings):
    """Meta-training, and conv-4."""

    meta_steps: int = with_default(MetaTrainingSettings, "meta_steps", 10000)
    network: str = with_default(FeatureSettings, "network", "ann")


def few_shot(settings: Settings, task: FewShotTask) -> "Learner":
    """Attention over the support, on features that are meta-learned."""
    from hpbench.few_shot.learner import FeatureLearner
    from hpbench.few_shot.read_outs import Matching

    network, _ = build_features(settings, task)
    return FeatureLearner(network, Matching().to(task.device), facts_of(settings, task))

"""The learner that `gp`, `maml` and `anil` share: gradient steps on the support, no trace."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.acting import SET, other_than
from hpbench.core.settings import setting, with_default
from hpbench.few_shot.feature_networks import FeatureSettings, build_features, facts_of
from hpbench.few_shot.settings import InnerStepSettings, OutputSettings
from hpbench.tasks.few_shot import FewShotTask

if TYPE_CHECKING:
    from hpbench.few_shot.learner import Learner


@dataclass
class AdaptedSettings(OutputSettings, FeatureSettings, InnerStepSettings):
    """Features, and what the inner steps adapt. Trained at 20 ways: a step size suits few numbers of ways."""

    meta_batch: int = with_default(OutputSettings, "meta_batch", 3)
    train_ways: int = with_default(OutputSettings, "train_ways", 20)

    adapted: str = setting(
        "output",
        "what inner steps change: the output layer, or the network too",
        choices=("output", "network"),
        acts_with={"network": other_than("pixels"), "inner_steps": SET},
    )


def adapted(settings: AdaptedSettings, task: FewShotTask) -> "Learner":
    """The learner, on the task's device."""
    from hpbench.few_shot.inner_steps import InnerSteps, NetworkAndOutput, Output, normed_by_batch
    from hpbench.few_shot.learner import FeatureLearner

    network, features = build_features(settings, task)
    output = Output(features, settings.outputs).to(task.device)
    facts = facts_of(settings, task)
    if settings.adapted == "output":
        return FeatureLearner(network, InnerSteps(output, settings), facts)
    return InnerSteps(NetworkAndOutput(normed_by_batch(network), output, facts), settings)

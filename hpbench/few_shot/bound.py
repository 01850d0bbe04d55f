"""The learner that `hp` and `lp` share: features, and an output layer that binds labels in its trace."""

from dataclasses import dataclass

from hpbench.few_shot.feature_networks import FeatureSettings, build_features, facts_of
from hpbench.few_shot.inner_steps import InnerStepSettings
from hpbench.few_shot.learner import FeatureLearner, check_ways
from hpbench.few_shot.read_outs import BindingSettings, HebbianBinding
from hpbench.few_shot.settings import OutputSettings
from hpbench.tasks.few_shot import FewShotTask


@dataclass
class BoundSettings(OutputSettings, FeatureSettings, BindingSettings):
    """Features and binding."""


def bound(
    settings: BoundSettings,
    task: FewShotTask,
    inner: InnerStepSettings | None = None,
    *,
    features_learn: bool = True,
) -> FeatureLearner:
    """The learner, on the task's device. Raises InputError if there are fewer outputs than tested ways."""
    check_ways(task.tested.ways, settings.outputs)
    network, features = build_features(settings, task)
    read_out = HebbianBinding(features, settings.outputs, settings, inner)
    facts = {**facts_of(settings), "trace_at_test": "episode"}
    return FeatureLearner(network, read_out.to(task.device), facts, learns=features_learn)

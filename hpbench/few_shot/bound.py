"""The learner that `hp` and `lp` share: features, and an output layer that binds labels in its trace."""

from dataclasses import dataclass

from hpbench.core.settings import with_default
from hpbench.few_shot.feature_networks import FeatureSettings, build_features, facts_of
from hpbench.few_shot.inner_steps import InnerStepSettings
from hpbench.few_shot.learner import FeatureLearner, check_ways
from hpbench.few_shot.read_outs import BindingSettings, HebbianBinding
from hpbench.few_shot.settings import OutputSettings
from hpbench.few_shot.task import FewShotTask


@dataclass
class BoundSettings(OutputSettings, FeatureSettings, BindingSettings, InnerStepSettings):
    """Features, binding, and optional inner steps of W (Eq. 10)."""

    inner_steps: int = with_default(InnerStepSettings, "inner_steps", 0)
    inner_lr: float = with_default(InnerStepSettings, "inner_lr", 0.05)


def bound(settings: BoundSettings, task: FewShotTask, *, features_learn: bool) -> FeatureLearner:
    """The learner, on the task's device. Raises InputError if there are fewer outputs than tested ways."""
    check_ways(task.tested.ways, settings.outputs)
    network, features = build_features(settings, task)
    read_out = HebbianBinding(features, settings.outputs, settings, settings)
    facts = {**facts_of(settings), "trace_at_test": "episode"}
    return FeatureLearner(network, read_out.to(task.device), facts, learns=features_learn)

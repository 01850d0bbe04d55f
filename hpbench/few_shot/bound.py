"""The learner that `hp` and `lp` share: features, and an output layer that stores labels in its trace."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.acting import SET
from hpbench.core.settings import setting
from hpbench.few_shot.feature_networks import DrawnFeatureSettings, build_features, facts_of
from hpbench.few_shot.settings import BindingSettings, InnerStepSettings, OutputSettings
from hpbench.tasks.few_shot import FewShotTask

if TYPE_CHECKING:
    from hpbench.few_shot.learner import FeatureLearner


@dataclass
class BoundSettings(OutputSettings, DrawnFeatureSettings, BindingSettings):
    """Settings of features and binding."""

    theta_lr: float = setting(
        1e-2,
        "Adam's maximum learning rate for the meta-parameters θ",
        low=0,
        high=10,
        acts_with={"meta_steps": SET},
    )


def bound(
    settings: BoundSettings,
    task: FewShotTask,
    inner: InnerStepSettings | None = None,
    *,
    features_learn: bool = True,
) -> "FeatureLearner":
    """The learner, on the task's device."""
    from hpbench.few_shot.learner import FeatureLearner
    from hpbench.few_shot.read_outs import HebbianBinding

    network, features = build_features(settings, task)
    read_out = HebbianBinding(features, settings.outputs, settings, inner)
    facts = {**facts_of(settings, task), "trace_at_test": "episode"}
    return FeatureLearner(network, read_out.to(task.device), facts, learns=features_learn)

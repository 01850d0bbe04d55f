"""Online split Omniglot: a base set, then few-shot classes, each sample once, in batches of 10.

The stream of `split_omniglot`, task-free by default: every batch is presented as an experience of its own,
and strategies do not know where one task ends and the next begins (with `scenario.boundaries=told` they do).
Source: Lake, Salakhutdinov and Tenenbaum, Science 350:1332 (2015); protocol after Yik et al., NeuroBench,
Nat. Commun. 16:1545 (2025).
"""

from dataclasses import dataclass

from hpbench.data.characters.omniglot import OmniglotSettings, load_omniglot
from hpbench.streams.few_shot_classes import FewShotClassesSettings, few_shot_classes
from hpbench.streams.online import ARRIVAL, OnlineSettings, online
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"

STRATEGY_PRESET = {"batch": ARRIVAL}
"""The batch size in which samples arrive."""


@dataclass
class Settings(OnlineSettings, FewShotClassesSettings, OmniglotSettings):
    """The stream and its data."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the data and choose the classes of each session."""
    data = load_omniglot(settings.dataset, resources.data_root, resources.say)
    return online(few_shot_classes(data, settings, resources), settings)

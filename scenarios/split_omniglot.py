"""Split Omniglot: few-shot class-incremental learning, a base set and then new alphabets, few samples each.

A base set of 100 characters is learned from 10 drawings each, then 10 of each of 10 further alphabets from 5:
NeuroBench's keyword task in its sizes. After each session all classes so far are tested, 5 drawings each. A
session's figure is the accuracy over all of them, so that the base counts by its classes; `accuracy` is that
of the last session, `incremental_accuracy` the mean over sessions. Base classes are of the background
alphabets, new ones of the evaluation alphabets. Unlike NeuroBench, outputs of classes to come are not masked.
Without Omniglot and network, `glyphs` are learned instead, and the row says so.
Source: Lake, Salakhutdinov and Tenenbaum, Science 350:1332 (2015); protocol after Yik et al., NeuroBench,
Nat. Commun. 16:1545 (2025).
"""

from dataclasses import dataclass

from hpbench.data.characters.omniglot import OmniglotSettings, load_omniglot
from hpbench.streams.few_shot_classes import FewShotClassesSettings, few_shot_classes
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"


@dataclass
class Settings(FewShotClassesSettings, OmniglotSettings):
    """The stream and its data."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Find the data and choose the sessions."""
    data = load_omniglot(settings.dataset, resources.data_root, resources.say)
    return few_shot_classes(data, settings, resources)

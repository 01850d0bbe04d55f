"""Split Omniglot: few-shot class-incremental learning, a base set and then new alphabets, few samples each.

A base set of 100 characters is learned from 10 drawings each. Then each of 10 sessions adds 10 characters of
a new alphabet, with 5 drawings each: the sizes of NeuroBench's keyword task. After each session all classes
so far are tested on 5 drawings each. A session's figure is the accuracy over all these classes; `accuracy` is
that of the last session, `incremental_accuracy` the mean over sessions. Base classes are of the background
alphabets, new ones of the evaluation alphabets. Unlike NeuroBench, outputs of future classes are not masked.
Without Omniglot and network, `glyphs` are used instead, and the row says so.
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
    """Load the data and choose the classes of each session."""
    data = load_omniglot(settings.dataset, resources.data_root, resources.say)
    return few_shot_classes(data, settings, resources)

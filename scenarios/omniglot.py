"""Omniglot, N-way K-shot: classify N new characters from K samples of each.

Meta-training, validation and test have disjoint classes. The split `characters` has 1,100 / 100 / 423 of
them, with rotations by 90° as further classes in meta-training only; `alphabets` has the published background
and evaluation alphabets. The state that was best on validation episodes is tested on 1,000 fixed episodes,
the same for every strategy. 5-way 1-shot is saturated: use 20-way 1-shot to compare learners.
Without Omniglot and network, `glyphs` are used instead, and the row says so.
Source: Lake, Salakhutdinov and Tenenbaum, Science 350:1332 (2015); protocol after Vinyals et al., NeurIPS
2016.
"""

from dataclasses import dataclass

from hpbench.data.characters.omniglot import OmniglotSettings, load_omniglot
from hpbench.few_shot.characters import character_task
from hpbench.few_shot.settings import EpisodeSettings
from hpbench.tasks.few_shot import FewShotTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "few_shot"


@dataclass
class Settings(EpisodeSettings, OmniglotSettings):
    """The episodes and their data."""


def build(settings: Settings, resources: Resources) -> FewShotTask:
    """Load the data and split their classes."""
    data = load_omniglot(settings.dataset, resources.data_root, resources.say)
    return character_task(data, settings, resources)

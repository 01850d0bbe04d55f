"""Glyphs, N-way K-shot: characters of matplotlib's fonts in 20 generated handwritings, no network needed.

803 characters of 18 scripts, drawn in seconds and cached; split as Omniglot's, `characters` in the same
proportions. Accuracies are not comparable with those on Omniglot.
"""

from dataclasses import dataclass

from hpbench.data.characters.glyphs import load_glyphs
from hpbench.few_shot.characters import character_task
from hpbench.few_shot.settings import EpisodeSettings
from hpbench.tasks.few_shot import FewShotTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "few_shot"

STRATEGY_PRESET = {"meta_steps": 300, "validate_every": 50}
"""Fewer steps of meta-training, for a quick scenario."""


@dataclass
class Settings(EpisodeSettings):
    """The episodes."""


def build(settings: Settings, resources: Resources) -> FewShotTask:
    """Draw the characters, or load them from the cache, and split them."""
    return character_task(load_glyphs(), settings, resources)

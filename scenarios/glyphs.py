"""Glyphs, N-way K-shot: characters of matplotlib's fonts in 20 generated hands, for machines without network.

803 characters of 18 scripts, drawn in seconds and kept in the cache; divided as Omniglot's, `characters` in
the same shares. Figures on them are not figures on Omniglot.
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
"""A quick scenario: less to meta-train."""


@dataclass
class Settings(EpisodeSettings):
    """The episodes."""


def build(settings: Settings, resources: Resources) -> FewShotTask:
    """Draw the characters, or take them from the cache, and divide them."""
    return character_task(load_glyphs(), settings, resources)

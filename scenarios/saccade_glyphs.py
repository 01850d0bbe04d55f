"""Saccade glyphs, N-way K-shot: glyphs as events, generated; neither data nor network needed.

Each of 16,060 drawings of 803 characters is moved along three saccades before a model of an event camera, as
N-MNIST was recorded. Classes and splits are those of `glyphs`; a recording turned by 90° is of another class
in meta-training. Accuracies are not comparable with those on recordings of a camera, such as N-Omniglot.
Source: the recording of Orchard et al., Front. Neurosci. 9:437 (2015); the generator is compared with it in
docs/events.md.
"""

from dataclasses import dataclass

from hpbench.data.characters.glyphs import load_glyphs
from hpbench.data.characters.recordings import saccade_characters
from hpbench.data.events.saccades.settings import SaccadeSettings
from hpbench.few_shot.recorded_characters import EventEpisodeSettings, recorded_character_task
from hpbench.tasks.few_shot import FewShotTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "few_shot"

STRATEGY_PRESET = {"meta_steps": 300, "validate_every": 50}
"""Fewer steps of meta-training, for a quick scenario."""


@dataclass
class Settings(EventEpisodeSettings):
    """The episodes and the representation; the sensor is that of docs/events.md."""


def build(settings: Settings, resources: Resources) -> FewShotTask:
    """Draw the characters, generate their events, or load their frames from the cache, and split them."""
    return recorded_character_task(saccade_characters(load_glyphs(), SaccadeSettings()), settings, resources)

"""Saccade Omniglot, N-way K-shot: Omniglot's characters as events, generated from its drawings.

Each of 32,460 drawings is moved along three saccades before a model of an event camera, as N-MNIST was
recorded. Classes and splits are those of `omniglot`; a recording turned by 90° is of another class in
meta-training. Generated events are not N-Omniglot, whose camera saw the characters being written (scenario
`n_omniglot`): figures cannot be compared. Without Omniglot and network, glyphs are used instead, and the row
says so.
Source: Lake, Salakhutdinov and Tenenbaum, Science 350:1332 (2015); the recording of Orchard et al., Front.
Neurosci. 9:437 (2015).
"""

from dataclasses import dataclass

from hpbench.data.characters.omniglot import OmniglotSettings, load_omniglot
from hpbench.data.characters.recordings import saccade_characters
from hpbench.data.events.saccades.settings import SaccadeSettings
from hpbench.few_shot.recorded_characters import EventEpisodeSettings, recorded_character_task
from hpbench.tasks.few_shot import FewShotTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "few_shot"


@dataclass
class Settings(EventEpisodeSettings, OmniglotSettings):
    """The episodes, the representation and the drawings; the sensor is that of docs/events.md."""


def build(settings: Settings, resources: Resources) -> FewShotTask:
    """Load the drawings, generate their events, or load their frames from the cache, and split them."""
    data = load_omniglot(settings.dataset, resources.data_root, resources.say)
    return recorded_character_task(saccade_characters(data, SaccadeSettings()), settings, resources)

"""Noisy N-TIDIGITS: trained on clean spikes of a silicon cochlea, tested under faults of its channels.

Eleven spoken words, "oh" and "zero" among them; only recordings of single digits are used. The board's
accuracy is the mean over six rates of background activity, 0 to 20 Hz per channel. Without N-TIDIGITS18,
generated words (`formant_words_64_11`) are used instead, and the row says so.
Source: Anumula, Neil, Delbruck and Liu, Front. Neurosci. 12:23 (2018).
"""

from dataclasses import dataclass

from hpbench.core.settings import with_default
from hpbench.data.events.spoken.catalogue import NTIDIGITS
from hpbench.data.events.spoken.load import SpokenSettings, load_spoken
from hpbench.streams.disturbed_events import event_task
from hpbench.streams.spoken import SPOKEN_PRESET, SpokenRobustnessSettings
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"
STRATEGY_PRESET = SPOKEN_PRESET


@dataclass
class Settings(SpokenRobustnessSettings, SpokenSettings):
    """Training, representation, disturbances and data."""

    downsampling: int = with_default(SpokenRobustnessSettings, "downsampling", 1)


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the spikes and prepare their disturbances."""
    data = load_spoken(NTIDIGITS, settings.dataset, resources.data_root, resources.say)
    return event_task(data, settings, resources)

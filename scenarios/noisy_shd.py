"""Noisy SHD: trained on clean spikes of spoken digits, tested under faults of the channels.

The board's accuracy is the mean over six rates of background activity, 0 to 20 Hz per channel. Disturbances
are those of one row of channels; such as need an area or polarities are not offered. Without SHD and network,
generated words (`formant_words_700`) are used instead, and the row says so.
Source: Cramer, Stradmann, Schemmel and Zenke, IEEE Trans. Neural Netw. Learn. Syst. 33:2744 (2022).
"""

from dataclasses import dataclass

from hpbench.data.events.spoken.catalogue import SHD
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


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the spikes and prepare their disturbances."""
    return event_task(
        load_spoken(SHD, settings.dataset, resources.data_root, resources.say), settings, resources
    )

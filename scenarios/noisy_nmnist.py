"""Noisy N-MNIST: trained on clean event-camera recordings, tested under typical faults of such cameras.

The board's accuracy is the mean over six rates of background activity, 0 to 20 Hz per pixel. A partial
N-MNIST can be used, with its size in its name; `scenario.folds=5` cross-validates it, one fold per seed. Rows
of partial sets are not comparable with published figures, 99.0 to 99.6 % clean after 60,000 recordings.
Source: Orchard et al., Front. Neurosci. 9:437 (2015).
"""

from dataclasses import dataclass

from hpbench.data.events.load import RecordingSettings, load_recordings
from hpbench.streams.disturbed_events import EventRobustnessSettings, event_task
from hpbench.streams.events import EVENT_PRESET
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"
STRATEGY_PRESET = EVENT_PRESET


@dataclass
class Settings(EventRobustnessSettings, RecordingSettings):
    """Training, representation, disturbances and data."""


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the recordings and prepare their disturbances."""
    data = load_recordings("nmnist", settings, resources.data_root, resources.say)
    return event_task(data, settings, resources)

"""Noisy N-Caltech101: photographs before a moving event camera, tested under typical faults of such cameras.

The board's accuracy is the mean over six rates of background activity, 0 to 20 Hz per pixel. The set has no
test part: every fifth recording is held out for testing. Recordings smaller than the sensor are placed in its
corner.
Source: Orchard et al., Front. Neurosci. 9:437 (2015).
"""

from dataclasses import dataclass

from hpbench.core.settings import with_default
from hpbench.data.events.load import RecordingSettings, load_recordings
from hpbench.streams.disturbed_events import EventRobustnessSettings, event_task
from hpbench.streams.events import LARGE_EVENT_PRESET
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"
STRATEGY_PRESET = LARGE_EVENT_PRESET


@dataclass
class Settings(EventRobustnessSettings, RecordingSettings):
    """Training, representation, disturbances and data."""

    downsampling: int = with_default(EventRobustnessSettings, "downsampling", 4)


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the recordings and prepare their disturbances."""
    data = load_recordings("ncaltech101", settings, resources.data_root, resources.say)
    return event_task(data, settings, resources)

"""Noisy DVS Gesture: gestures before an event camera, tested under typical faults of such cameras.

The board's accuracy is the mean over six rates of background activity, 0 to 20 Hz per pixel. Clips without a
test part are cut into windows, and the last fifth of each clip is held out for testing. The set
`dvs_gesture-10clips`, of one person, is a smoke test, not comparable with published figures (95.5 to 97.6 %).
Source: Amir et al., CVPR 2017.
"""

from dataclasses import dataclass

from hpbench.core.settings import with_default
from hpbench.data.events.load import ClipSettings, load_recordings
from hpbench.streams.disturbed_events import EventRobustnessSettings, event_task
from hpbench.streams.events import LARGE_EVENT_PRESET
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"
STRATEGY_PRESET = {**LARGE_EVENT_PRESET, "batch": 10}


@dataclass
class Settings(EventRobustnessSettings, ClipSettings):
    """Training, representation, disturbances and data."""

    window: float = with_default(ClipSettings, "window", 100.0)
    duration: float = with_default(EventRobustnessSettings, "duration", 100.0)
    downsampling: int = with_default(EventRobustnessSettings, "downsampling", 4)


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the recordings and prepare their disturbances."""
    data = load_recordings("dvs_gesture", settings, resources.data_root, resources.say)
    return event_task(data, settings, resources)

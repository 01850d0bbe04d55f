"""Noisy CIFAR10-DVS: images moved before an event camera, tested under typical faults of such cameras.

The board's accuracy is the mean over six rates of background activity, 0 to 20 Hz per pixel. The set has no
test part: every tenth recording is held out for testing.
Source: Li et al., Front. Neurosci. 11:309 (2017).
"""

from dataclasses import dataclass

from hpbench.core.extras import need_extra
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

    duration: float = with_default(EventRobustnessSettings, "duration", 1200.0)
    downsampling: int = with_default(EventRobustnessSettings, "downsampling", 4)

    def check(self) -> None:
        """Raise InputError for settings that exclude each other, or if the extra `aedat` is missing."""
        super().check()
        need_extra("aedat", "reading the recordings of CIFAR10-DVS")


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the recordings and prepare their disturbances."""
    data = load_recordings("cifar10_dvs", settings, resources.data_root, resources.say)
    return event_task(data, settings, resources)

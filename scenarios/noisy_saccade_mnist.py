"""Noisy saccade MNIST: events generated from MNIST, tested under typical faults of event cameras.

Every digit is moved along three saccades before a model of an event camera, as N-MNIST was recorded. The
board's accuracy is the mean over six rates of background activity, 0 to 20 Hz per pixel. With
`scenario.tested_on=nmnist`, training is on generated events and the test on those recordings of N-MNIST that
are available. Figures on generated events are not comparable with figures on N-MNIST.
Source: the recording of Orchard et al., Front. Neurosci. 9:437 (2015); the generator is compared with it in
docs/events.md.
"""

from dataclasses import dataclass

from hpbench.core.settings import setting, with_default
from hpbench.data.events.load import RecordingSettings, load_recordings
from hpbench.data.events.saccades.generated import saccade_sources
from hpbench.data.events.saccades.settings import SaccadeSettings
from hpbench.data.images.mnist import MnistSettings, load_mnist
from hpbench.streams.disturbed_events import EventRobustnessSettings, check_other_test, event_task
from hpbench.streams.events import EVENT_PRESET
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"
STRATEGY_PRESET = EVENT_PRESET


@dataclass
class Settings(EventRobustnessSettings, MnistSettings):
    """Training, representation, disturbances and images; the sensor is that of docs/events.md."""

    passes: int = with_default(EventRobustnessSettings, "passes", 5)
    tested_on: str = setting(
        "saccades",
        "generated events of the test part (saccades), or the test part of N-MNIST (nmnist)",
        choices=("saccades", "nmnist"),
        at_test_only=True,
    )
    skip_damaged: bool = setting(
        False,
        "leave damaged recordings of N-MNIST out and print how many; otherwise the first one ends the run",
        acts_with={"tested_on": "nmnist"},
    )

    def check(self) -> None:
        """Raise InputError for folds or evaluation on the validation part with tested_on=nmnist."""
        super().check()
        if self.tested_on != "saccades":
            check_other_test(self)


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the images, generate events and prepare their disturbances."""
    images = load_mnist(settings.dataset, resources.data_root, resources.say)
    data = saccade_sources(images, SaccadeSettings())
    recorded = None
    if settings.tested_on == "nmnist":
        reading = RecordingSettings(skip_damaged=settings.skip_damaged)
        recorded = load_recordings("nmnist", reading, resources.data_root, resources.say)
    return event_task(data, settings, resources, recorded)

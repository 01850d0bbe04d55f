"""Split N-MNIST: five experiences of two digits each, as recorded by an event camera.

In the order of the digits unless `order_seed` shuffles them. A partial N-MNIST can be used, with its size in
its name. A preprint of 2026 reports an average accuracy of 0.82 with a forgetting of 0.22 for a spiking
network on complete N-MNIST (three seeds).
Source: Orchard et al., Front. Neurosci. 9:437 (2015); regimes after van de Ven, Tuytelaars and Tolias, 2022.
"""

from dataclasses import dataclass

from hpbench.data.events.load import RecordingSettings, load_recordings
from hpbench.streams.events import EVENT_PRESET, EventStreamSettings, split_events
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "2"
PROTOCOL = "continual"
STRATEGY_PRESET = EVENT_PRESET


@dataclass
class Settings(EventStreamSettings, RecordingSettings):
    """The stream, the representation and the data."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the recordings and divide them into five experiences."""
    data = load_recordings("nmnist", settings, resources.data_root, resources.say)
    return split_events(data, 5, settings, resources)

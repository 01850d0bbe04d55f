"""Split saccade MNIST: five experiences of two digits each, as events generated from MNIST.

Every digit is moved along three saccades before a model of an event camera, as N-MNIST was recorded. Figures
on generated events are not comparable with figures on N-MNIST.
Source: the recording of Orchard et al., Front. Neurosci. 9:437 (2015); the generator is compared with it in
docs/events.md. Regimes after van de Ven, Tuytelaars and Tolias, 2022.
"""

from dataclasses import dataclass

from hpbench.data.events.saccades.generated import saccade_sources
from hpbench.data.events.saccades.settings import SaccadeSettings
from hpbench.data.images.mnist import MnistSettings, load_mnist
from hpbench.streams.events import EVENT_PRESET, EventStreamSettings, split_events
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "2"
PROTOCOL = "continual"
STRATEGY_PRESET = EVENT_PRESET


@dataclass
class Settings(EventStreamSettings, MnistSettings):
    """The stream, the representation and the images; the sensor is that of docs/events.md."""


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the images, generate events from them, and divide these into five experiences."""
    images = load_mnist(settings.dataset, resources.data_root, resources.say)
    return split_events(saccade_sources(images, SaccadeSettings()), 5, settings, resources)

"""Split N-TIDIGITS: spoken digits as spikes of a silicon cochlea, in five experiences of two digits each.

In the order 1 … 9, zero; the eleventh word, "oh", is left out, as it is the digit 0 as well and eleven
classes cannot be divided. Only recordings of single digits are used. Without N-TIDIGITS18, generated words
(`formant_words_64_10`) are used instead, and the row says so.
Source: Anumula, Neil, Delbruck and Liu, Front. Neurosci. 12:23 (2018); regimes after van de Ven, Tuytelaars
and Tolias, 2022.
"""

from dataclasses import dataclass

from hpbench.core.settings import with_default
from hpbench.data.events.spoken.catalogue import NTIDIGITS
from hpbench.data.events.spoken.load import SpokenSettings, load_spoken
from hpbench.streams.events import split_events
from hpbench.streams.spoken import SPOKEN_PRESET, SpokenStreamSettings
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"
STRATEGY_PRESET = SPOKEN_PRESET


@dataclass
class Settings(SpokenStreamSettings, SpokenSettings):
    """The stream, the representation and the data."""

    downsampling: int = with_default(SpokenStreamSettings, "downsampling", 1)


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the spikes and divide them into five experiences."""
    data = load_spoken(NTIDIGITS, settings.dataset, resources.data_root, resources.say, left_out=("o",))
    return split_events(data, 5, settings, resources)

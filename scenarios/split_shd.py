"""Split SHD: spoken digits as spikes of 700 channels, in ten experiences of two classes each.

Twenty classes, the digits in English, then in German, spoken by twelve people, two of them in the test part
only, and turned into spikes by a model of the inner ear. `scenario.experiences=5` makes experiences of four.
Without SHD and network, generated words (`formant_words_700`) are used instead, and the row says so.
Source: Cramer, Stradmann, Schemmel and Zenke, IEEE Trans. Neural Netw. Learn. Syst. 33:2744 (2022); regimes
after van de Ven, Tuytelaars and Tolias, 2022.
"""

from dataclasses import dataclass

from hpbench.core.settings import setting
from hpbench.data.events.spoken.catalogue import SHD
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

    experiences: int = setting(10, "experiences, of equally many of the 20 classes each", low=1, high=20)


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Load the spikes and divide them by class."""
    data = load_spoken(SHD, settings.dataset, resources.data_root, resources.say)
    return split_events(data, settings.experiences, settings, resources)

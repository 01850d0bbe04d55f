"""Split Japanese Vowels: who says /ae/, nine speakers in three experiences of three.

270 utterances to learn from and 370 to test on, sequences of 7 to 29 frames of 12 cepstrum coefficients,
shown as ON and OFF spikes where a coefficient changes (`scenario.encoding=frames`: as currents). The data
ship with hpbench.
Source: Kudo, Toyama and Shimbo, Pattern Recognit. Lett. 20:1103 (1999); regimes after van de Ven, Tuytelaars
and Tolias, 2022.
"""

from dataclasses import dataclass

from hpbench.core.settings import setting, with_default
from hpbench.data.sequences.japanese_vowels import load_japanese_vowels
from hpbench.streams.sequences import SEQUENCE_PRESET, SequenceStreamSettings, split_sequences
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"
STRATEGY_PRESET = SEQUENCE_PRESET


@dataclass
class Settings(SequenceStreamSettings):
    """The stream, and how sequences are shown."""

    experiences: int = setting(3, "experiences, of equally many of the 9 speakers each", low=1, high=9)
    passes: int = with_default(SequenceStreamSettings, "passes", 30)


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Read the sequences and divide them by speaker."""
    return split_sequences(load_japanese_vowels(), settings.experiences, settings, resources)

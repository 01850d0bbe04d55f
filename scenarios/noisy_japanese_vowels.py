"""Noisy Japanese Vowels: trained on clean utterances of nine speakers, tested under noise.

The board's accuracy is the mean over seven variances of Gaussian noise, 0 to 0.06 of a coefficient's range,
added to the 12 cepstrum coefficients of every frame before they are encoded as ON and OFF spikes
(`scenario.encoding=frames`: as currents). The data ship with hpbench.
Source: Kudo, Toyama and Shimbo, Pattern Recognit. Lett. 20:1103 (1999); the noise of Wu et al., Nat. Commun.
13:65 (2022).
"""

from dataclasses import dataclass

from hpbench.data.sequences.japanese_vowels import load_japanese_vowels
from hpbench.streams.sequences import SEQUENCE_PRESET, SequenceRobustnessSettings, sequence_task
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"
STRATEGY_PRESET = SEQUENCE_PRESET


@dataclass
class Settings(SequenceRobustnessSettings):
    """Training, disturbances, and how sequences are shown."""


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Read the sequences and prepare their disturbances."""
    return sequence_task(load_japanese_vowels(), settings, resources)

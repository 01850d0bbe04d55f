"""formant_words: generated words as spikes, for use without recorded speech and network.

A word is a sequence of sounds, each with three formants, or noise as of a fricative; speakers differ in
size, pace and accent. The energy in each channel of a filter bank, compressed, is integrated, and the channel
fires at every whole number. Words, speakers and constants are made up: nothing is fitted to speech, and
figures are not comparable with those on spoken digits.
"""

import functools
import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpbench.data.events.source import EVENT, EventData, Events, SensorSize

VERSION = 1
"""Version of the generator, part of the data's SHA-256; to be raised when generated spikes change."""

WORDS = 20
LEARNED, UNHEARD = 10, 2
"""Speakers in both parts, and those that are tested on only."""

TRAIN_EACH, TEST_EACH = 10, 2
"""Utterances of a word by a speaker that is learned from, in each part; of one unheard before, TRAIN_EACH."""

STEP = 5.0
"""Milliseconds between two computed energies."""

LONGEST = 1000.0
"""Milliseconds of an utterance at most."""

LOWEST, HIGHEST = 100.0, 8000.0
"""Frequencies of the first and the last channel, Hz; equal steps of their logarithm between."""

RATE = 60.0
"""Spikes a second of a channel with compressed energy 1."""

_LOW, _HIGH = np.array([250.0, 700.0, 2000.0]), np.array([850.0, 2400.0, 3300.0])
"""Ranges of the three formants, Hz."""


class Sounds(NamedTuple):
    """A word of K sounds: formants (K, 3) in Hz; (K,) loudness, noise from 0 to 1, durations in ms."""

    formants: NDArray[np.float64]
    loudness: NDArray[np.float64]
    noise: NDArray[np.float64]
    durations: NDArray[np.float64]


@functools.cache
def word(number: int) -> Sounds:
    """Word number `number`: two to four sounds."""
    random = np.random.RandomState(1000 + number)  # unlike default_rng, the same in all versions
    sounds = random.randint(2, 5)
    return Sounds(
        _LOW + (_HIGH - _LOW) * random.random_sample((sounds, 3)),
        random.uniform(0.6, 1.4, sounds),
        (random.random_sample(sounds) < 0.3) * random.uniform(0.5, 1, sounds),
        random.uniform(80, 220, sounds),
    )


def energies(spoken: Sounds, channels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compressed energy (steps, channels) of a word in channels of these frequencies (Hz).

    Formants move linearly from the middle of a sound to that of the next; a channel takes the energy of a
    formant by a Gaussian of a sixth of an octave, noise by one of half an octave around 5 kHz; loudness
    rises and falls at the ends within 30 ms. E becomes log(1 + 4 E) / log 5.
    """
    ends = np.cumsum(spoken.durations)
    time = np.arange(0, min(ends[-1], LONGEST), STEP)
    middles = ends - spoken.durations / 2
    loud, noise = (np.interp(time, middles, one) for one in (spoken.loudness, spoken.noise))
    loud = loud * np.clip(np.minimum(time, ends[-1] - time) / 30, 0, 1)
    octaves = np.log2(channels)
    found = np.exp(-(((octaves - np.log2(5000.0)) / 0.5) ** 2) / 2) * noise[:, None]
    for formant, share in zip(spoken.formants.T, (1.0, 0.7, 0.4), strict=True):
        place = np.log2(np.interp(time, middles, formant))
        found += share * (1 - noise)[:, None] * np.exp(-(((octaves - place[:, None]) * 6) ** 2) / 2)
    return np.log1p(4 * found * loud[:, None]) / np.log(5)


def fired(energy: NDArray[np.float64], phase: NDArray[np.float64]) -> Events:
    """Spikes of channels that integrate energies (steps, channels) from a `phase` (channels,) in [0, 1).

    Channel c fires whenever phase + RATE ∫ E dt passes a whole number; E is constant for a STEP.
    """
    reached = phase + np.concatenate([np.zeros((1, len(phase))), np.cumsum(energy, 0) * RATE * STEP / 1000])
    before, after = np.floor(reached[:-1]), np.floor(reached[1:])
    step, channel = np.nonzero(after > before)
    counts = (after - before)[step, channel].astype(np.int64)
    step, channel = np.repeat(step, counts), np.repeat(channel, counts)
    which = np.arange(len(step)) - np.repeat(np.cumsum(counts) - counts, counts)
    start = reached[step, channel]
    whole = np.floor(start) + 1 + which
    share = np.clip((whole - start) / (reached[step + 1, channel] - start), 0, 1)
    events = np.zeros(len(step), EVENT)
    events["t"], events["x"], events["p"] = 1000 * STEP * (step + share), channel, True
    return events[np.lexsort((events["x"], events["t"]))]


@dataclass(frozen=True, eq=False)
class FormantWords:
    """An EventSource of utterances; number n of part 0 (train) or 1 (test) is drawn by itself."""

    name: str
    units: int
    part: int
    said: NDArray[np.int64]
    """Word and speaker of each utterance, (N, 2)."""

    @property
    def sensor_size(self) -> SensorSize:
        """The channels in one row."""
        return self.units, 1, 1

    @property
    def labels(self) -> NDArray[np.int64]:
        """The words."""
        return self.said[:, 0]

    @property
    def sha256(self) -> str:
        """SHA-256 of all that the spikes are generated from."""
        recipe = f"{self.name} {VERSION} {self.units} {self.part} {self.said.tolist()}"
        return hashlib.sha256(recipe.encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.said)

    def chunk(self, start: int, stop: int) -> list[Events]:
        """Utterances start … stop - 1."""
        return [self._utterance(number) for number in range(start, min(stop, len(self)))]

    def _utterance(self, number: int) -> Events:
        which, speaker = self.said[number].tolist()
        of = np.random.RandomState([1, speaker])
        size, pace = np.exp(of.normal(0, 0.1)), np.exp(of.normal(0, 0.12))
        accent = np.exp(of.normal(0, 0.05, (WORDS, 4, 3)))[which]
        random = np.random.RandomState([2, self.part, number])
        sounds = word(which)
        many = len(sounds.durations)
        spoken = Sounds(
            sounds.formants * size * accent[:many] * np.exp(random.normal(0, 0.04, (many, 3))),
            sounds.loudness * np.exp(random.normal(0, 0.2)),
            sounds.noise,
            sounds.durations * pace * np.exp(random.normal(0, 0.12, many)),
        )
        channels = np.geomspace(LOWEST, HIGHEST, self.units)
        return fired(energies(spoken, channels), random.random_sample(self.units))


def formant_words(units: int, words: int) -> EventData:
    """The first `words` of WORDS, heard by so many channels: "formant_words_700" with 20 words, for example.

    100 utterances of each word to learn from, by ten speakers; 40 for test, half of them by two others.
    """
    name = f"formant_words_{units}" if words == WORDS else f"formant_words_{units}_{words}"
    known = [(one, speaker) for speaker in range(LEARNED) for one in range(words)]
    others = [(one, LEARNED + speaker) for speaker in range(UNHEARD) for one in range(words)]
    parts = (known * TRAIN_EACH, known * TEST_EACH + others * TRAIN_EACH)
    train, test = (FormantWords(name, units, part, np.array(said)) for part, said in enumerate(parts))
    return EventData(name, train, test, words, "words of made-up formants, generated", skipped=0)

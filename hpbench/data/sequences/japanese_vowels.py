"""Japanese Vowels: nine speakers say /ae/, as sequences of 12 LPC cepstrum coefficients.

270 utterances to learn from, 30 of each speaker, and 370 from other occasions to test on, of 7 to 29 frames,
one every 6.4 ms. The class is the speaker. Source: Kudo, Toyama and Shimbo, Pattern Recognit. Lett. 20:1103
(1999); UCI Machine Learning Repository, https://doi.org/10.24432/C5NS47. The data ship with hpbench, and
their licence is in the same folder.

japanese_vowels.csv.gz has a line for each frame: part, number of the utterance, speaker from 1 on, and the
coefficients, digit for digit as in JapaneseVowels_TRAIN.ts and JapaneseVowels_TEST.ts of aeon 1.6.0. There,
an utterance is a line of thirteen fields divided by colons, twelve lists of numbers and the speaker.
`converted` makes the one of the other.
"""

import functools
import gzip
import hashlib
import importlib.resources
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.data.sequences.sequence_data import SequenceData, Sequences

SPEAKERS, COEFFICIENTS, FRAMES = 9, 12, 29
"""Classes, values of a frame, and frames of the longest utterance."""

SIZES = {"train": 270, "test": 370}
"""Utterances of each part."""

SHA256 = "0f790698e397c68c336d4ebdf7fba512dea5071cea6fa97c386082adec13aaf4"
"""Of the compressed file."""


def shipped_file() -> Traversable:
    """The compressed file."""
    return importlib.resources.files(__package__) / "japanese_vowels.csv.gz"


def converted(texts: Mapping[str, str]) -> bytes:
    """The compressed file from the texts of aeon's files "train" and "test"."""
    return gzip.compress("".join(f"{line}\n" for line in _frames(texts)).encode(), 9, mtime=0)


def _frames(texts: Mapping[str, str]) -> Iterator[str]:
    for part, text in texts.items():
        for number, row in enumerate(text.partition("@data\n")[2].split()):
            *channels, speaker = row.split(":")
            for frame in zip(*(one.split(",") for one in channels), strict=True):
                yield f"{part},{number},{speaker},{','.join(frame)}"


@functools.cache
def load_japanese_vowels() -> SequenceData:
    """Both parts, each in a fixed random order, since the file is sorted by speaker.

    A coefficient is scaled so that its least value in the training part is 0 and its greatest 1; values of
    the test part beyond are clipped. Raises InputError if the file is damaged.
    """
    compressed = shipped_file().read_bytes()
    if hashlib.sha256(compressed).hexdigest() != SHA256:
        raise InputError(f"{shipped_file()} is damaged: install hpbench again")
    rows = [line.split(",") for line in gzip.decompress(compressed).decode().splitlines()]
    values = np.array([row[3:] for row in rows], dtype=np.float64)
    learned = np.array([row[0] == "train" for row in rows])
    low, high = values[learned].min(0), values[learned].max(0)
    scaled = np.clip((values - low) / (high - low), 0, 1)
    utterance = np.array([int(row[1]) for row in rows])
    speaker = np.array([int(row[2]) - 1 for row in rows])
    train, test = (
        _part(scaled[of], utterance[of], speaker[of], size)
        for of, size in ((learned, SIZES["train"]), (~learned, SIZES["test"]))
    )
    return SequenceData("japanese_vowels", train, test, "Japanese Vowels (UCI), shipped with hpbench")


def _part(
    frames: NDArray[np.float64], utterance: NDArray[np.int64], speaker: NDArray[np.int64], size: int
) -> Sequences:
    """Utterances, shuffled, from their frames (M, C) and the utterance and speaker of each (M,)."""
    lengths = np.bincount(utterance, minlength=size)
    firsts = np.cumsum(lengths) - lengths
    values = np.zeros((size, FRAMES, COEFFICIENTS), dtype=np.float32)
    values[utterance, np.arange(len(frames)) - firsts[utterance]] = frames
    order = np.random.RandomState(0).permutation(size)  # unlike default_rng, the same in all versions
    return Sequences(values[order], lengths[order], speaker[firsts][order])
